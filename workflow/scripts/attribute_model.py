"""Attribute the outputs of one network to places of the chosen images."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.attribution.attributing import attribute_model
from armed_study.io.checkpoints import read_state
from armed_study.io.tables import read_table, write_table
from armed_study.training import load
from armed_study.training.restore import restore

files, params = snakemake.input, snakemake.params
study = load.read_study(
    files,
    scatteritem=snakemake.wildcards.scatteritem,
    seeds=params.seeds,
    config_seed=params.config_seed,
)
chosen = read_table(files.attributed, "attributed")
model = {"model": snakemake.wildcards.model, "method": params.method, "settings": params.settings}
found = attribute_model(study, restore(study, read_state(files.model), **model), chosen)
write_table(found, snakemake.output.attribution, "attribution")
