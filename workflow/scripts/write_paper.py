"""Write the study as a paper, by its tables, and what each figure shows."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import write_csv, write_text
from armed_study.report.paper import document, findings
from armed_study.report.paper.lookups import Tables

given, params, output = snakemake.input, snakemake.params, snakemake.output
tables = Tables.at([given.run, *[given.claims] * bool(given.claims)], given.tables)
text = document.markdown(tables, params.studies)
write_text(text, output.markdown)
write_text(document.page(text), output.html)
write_csv(findings.every(tables, params.figures), output.findings)
