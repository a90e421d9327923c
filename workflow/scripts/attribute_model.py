"""Attribute the outputs of one network to places of the chosen images."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.attribution.attributing import attribute_model
from armed_study.io.checkpoints import read_state
from armed_study.io.tables import read_table, write_table
from armed_study.training import load
from armed_study.training.restore import restore

files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
study = load.read_study(files, scatteritem=wildcards.scatteritem, **params.replicas)
chosen = read_table(files.attributed, "attributed")
restored = restore(study, read_state(files.model), model=wildcards.model, **params.model)
found = attribute_model(study, restored, chosen, params.methods)
write_table(found, snakemake.output.attribution, "attribution")
