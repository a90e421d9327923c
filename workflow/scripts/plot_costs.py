"""Draw wall time and peak memory by rule."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study.benchmarks import read_benchmarks
from armed_study.figures import costs, style
from armed_study.tables import write_csv

table = costs.table(read_benchmarks(snakemake.input.benchmarks))
figure = costs.draw(table, title="Cost of this run")
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
