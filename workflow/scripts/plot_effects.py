"""Draw a figure of the study of effects, and write the table that it is drawn from."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.figures import catalogue, style
from armed_study.figures.heading import Heading
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_csv

params, output = snakemake.params, snakemake.output
given = read_inputs(dict(snakemake.input.items()))
heading = Heading("Effects", params.data, params.data.startswith("generated"))
table, figure = catalogue.make(snakemake.wildcards.figure, given, heading)
write_csv(table, output.table)
style.save(figure, output.svg, output.png)
