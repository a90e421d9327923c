"""Average what models predict over the plane."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.boundaries import average_boundaries
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_table

table = average_boundaries(**read_inputs(dict(snakemake.input.items())))
write_table(table, snakemake.output.boundaries, "boundaries")
