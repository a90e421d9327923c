"""Make the true maps of the disease of the chosen samples."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.attribution.truth import write_disease_maps
from armed_study.io.inputs import read_inputs

given = read_inputs(dict(snakemake.input.items()))
data, seed = snakemake.params.settings["data"], snakemake.params.seed
chosen = given["attributed"]["sample"]
path = snakemake.output.maps
write_disease_maps(path, given["samples"], given["qc"], chosen, data=data, seed=seed)
