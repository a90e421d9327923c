"""Record what the run was made by, as a page and as one tidy table."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import write_csv, write_text
from armed_study.report import tables as html_tables
from armed_study.report.run_record import record

tables = record.tables(
    snakemake.input,
    studies=snakemake.params.studies,
    seed=snakemake.params.seed,
    snakemake_version=snakemake.params.snakemake,
)
write_csv(record.tidy(tables), snakemake.output.table)
write_text(
    html_tables.to_page(tables, title="Provenance", caption=record.NOTE), snakemake.output.html
)
