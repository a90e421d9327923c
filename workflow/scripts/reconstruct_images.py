"""Reconstruct every test and unseen image by one model."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.reconstruction.reconstructing import reconstruct_model
from armed_study.io.checkpoints import read_state
from armed_study.io.tables import write_table
from armed_study.training import load
from armed_study.training.restore import restore

files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
study = load.read_study(files, scatteritem=wildcards.scatteritem, **params.replicas)
restored = restore(study, read_state(files.model), model=wildcards.model, **params.model)
made = reconstruct_model(study, restored)
write_table(made.errors, snakemake.output.reconstruction, "reconstruction")
write_table(made.latents, snakemake.output.latents, "latents")
write_table(made.appearance, snakemake.output.appearance, "appearance")
