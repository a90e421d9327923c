"""Write what the published protocol adds to the scores of the proposed one."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.evaluation.optimism import optimism, readable
from armed_study.io.tables import read_table, write_csv, write_text
from armed_study.report import tables

proposed = read_table(snakemake.input.proposed, "summary")
published = read_table(snakemake.input.published, "summary")
table = optimism(proposed, published, metrics=snakemake.params.metrics)
title = f"{snakemake.params.title} ({snakemake.params.origin})"
write_csv(table, snakemake.output.table)
write_text(tables.to_html(readable(table), title=title), snakemake.output.html)
