"""Draw wall time and peak memory by rule, and list them by model."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study import html_tables
from armed_study.benchmarks import read_benchmarks
from armed_study.figures import costs, style
from armed_study.tables import write_csv, write_text

measured = read_benchmarks(snakemake.input.benchmarks)
table, models = costs.table(measured), costs.by_model(measured)
figure = costs.draw(table, title="Cost of this run")
write_csv(table, snakemake.output.table)
write_csv(models, snakemake.output.models)
write_text(html_tables.to_html(models, title="Cost of training"), snakemake.output.models_html)
style.save(figure, snakemake.output.svg, snakemake.output.png)
