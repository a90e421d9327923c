"""Write what the published protocol adds to the scores of the proposed one."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.evaluation.optimism import optimism, readable
from armed_study.io.tables import read_table, write_csv, write_text
from armed_study.report import tables

proposed = read_table(snakemake.input.proposed, "summary")
published = read_table(snakemake.input.published, "summary")
params = snakemake.params
table = optimism(proposed, published, metrics=params.metrics, **params.departures)
title = f"{params.title} ({params.origin})"
write_csv(table, snakemake.output.table)
write_text(tables.to_html(readable(table), title=title), snakemake.output.html)
