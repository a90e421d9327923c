"""Train every model on the draws of a cell of the simulated grid."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import write_csv, write_table
from armed_study.mixed_models.grid import train_cell
from armed_study.simulation.clustered import ClusteredSettings

params, cell = snakemake.params, snakemake.wildcards.cell
settings = ClusteredSettings.from_config(params.settings, "effects.grid")
table = train_cell(cell, settings, params.models, replicates=params.replicates, seed=params.seed)
write_csv(table[["cell", "model", "replicate", "seconds"]], snakemake.output.times)
write_table(table.drop(columns="seconds"), snakemake.output.effects, "grid_effects")
