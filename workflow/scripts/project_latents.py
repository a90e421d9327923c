"""Lay the latents of all networks of a study out in two dimensions."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.latents.projection import project_latents
from armed_study.io.tables import read_table, write_table

latents = read_table(snakemake.input.latents, "latents")
maps = project_latents(latents, seed=snakemake.params.seed)
write_table(maps, snakemake.output.maps, "latent_maps")
