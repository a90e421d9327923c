"""Record what the run was made by, as a page and as one tidy table."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import write_csv, write_text
from armed_study.report import run_record, tables

output = snakemake.output
made_by = run_record.tables(snakemake.input, **snakemake.params.about)
write_csv(run_record.tidy(made_by), output.table)
write_text(tables.to_page(made_by, title="Provenance", caption=run_record.NOTE), output.html)
