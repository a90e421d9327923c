"""Draw wall time and peak memory by rule, and list them by model."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.figures import style
from armed_study.figures.heading import Heading
from armed_study.figures.performance import costs as figure
from armed_study.io.tables import write_csv, write_text
from armed_study.report import costs, tables

measured = costs.read_benchmarks(snakemake.input.benchmarks)
table, models = costs.by_rule(measured), costs.by_model(measured)
drawn = figure.draw(table, Heading("Cost of this run"))
write_csv(table, snakemake.output.table)
write_csv(models, snakemake.output.models)
write_text(tables.to_html(models, title="Cost of training"), snakemake.output.models_html)
style.save(drawn, snakemake.output.svg, snakemake.output.png)
