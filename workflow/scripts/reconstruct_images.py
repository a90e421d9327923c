"""Reconstruct every test and unseen image by one model."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study import problems
from armed_study.reconstruction.reconstructing import reconstruct_model
from armed_study.state_files import read_state
from armed_study.tables import write_table

files, params = snakemake.input, snakemake.params
problem = problems.read_problem(
    files,
    scatteritem=snakemake.wildcards.scatteritem,
    seeds=params.seeds,
    config_seed=params.config_seed,
    **params.standardize,
)
model = {"model": snakemake.wildcards.model, "method": params.method, "settings": params.settings}
made = reconstruct_model(problem, read_state(files.model), **model)
write_table(made.errors, snakemake.output.reconstruction, "reconstruction")
write_table(made.latents, snakemake.output.latents, "latents")
write_table(made.looks, snakemake.output.looks, "looks")
