"""Draw wall time and peak memory by rule, and list them by model."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.figures import style
from armed_study.figures.performance import costs
from armed_study.io.tables import write_csv, write_text
from armed_study.report import tables
from armed_study.report.costs import read_benchmarks

measured = read_benchmarks(snakemake.input.benchmarks)
table, models = costs.table(measured), costs.by_model(measured)
figure = costs.draw(table, title="Cost of this run")
write_csv(table, snakemake.output.table)
write_csv(models, snakemake.output.models)
write_text(tables.to_html(models, title="Cost of training"), snakemake.output.models_html)
style.save(figure, snakemake.output.svg, snakemake.output.png)
