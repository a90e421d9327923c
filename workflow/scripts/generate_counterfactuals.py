"""Reconstruct the chosen frames under the random effects of every seen date."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.counterfactuals.generation import generate_counterfactuals
from armed_study.io.checkpoints import read_state
from armed_study.io.image_arrays import save_images
from armed_study.io.tables import read_table, write_table
from armed_study.training import load
from armed_study.training.restore import restore

files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
study = load.read_study(files, scatteritem=wildcards.scatteritem, **params.replicas)
chosen = read_table(files.chosen, "selected_frames")
restored = restore(study, read_state(files.model), model=wildcards.model, **params.model)
table, images = generate_counterfactuals(study, restored, chosen)
save_images(snakemake.output.images, images)
write_table(table, snakemake.output.table, "counterfactuals")
