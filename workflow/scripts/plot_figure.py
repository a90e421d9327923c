"""Draw a figure of a study, and write the table that it is drawn from."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import catalogue, style
from armed_study.figures.heading import Heading
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_csv

params, output = snakemake.params, snakemake.output
study = ClusteredDataset.load(snakemake.input.samples)
given = read_inputs(dict(snakemake.input.items())) | params.settings
given["outcome"] = study.outcome.kind
heading = Heading(params.title, study.origin, study.generated)
table, figure = catalogue.make(snakemake.wildcards.figure, given, heading)
write_csv(table, output.table)
style.save(figure, output.svg, output.png)
