"""Draw contact sheets of the scans of a study, and list their checks."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import read_table, write_csv, write_text
from armed_study.report import tables
from armed_study.report.contact_sheets import draw_contact_sheets, list_checks
from armed_study.studies.ad_mri.scans.participants import read_participants

title, origin = snakemake.params.title, snakemake.params.origin
checks = list_checks(read_table(snakemake.input.qc, "qc"), read_participants(snakemake.params.tree))
page = draw_contact_sheets(checks, snakemake.input.pictures, title=title, origin=origin)
write_text(page, snakemake.output.page)
write_csv(checks, snakemake.output.table)
listed = tables.to_html(checks, title=f"{title} ({origin}): checks of scans")
write_text(listed, snakemake.output.table_html)
