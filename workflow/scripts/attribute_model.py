"""Attribute the outputs of one network to places of the chosen images."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study import problems
from armed_study.attribution.attributing import attribute_model
from armed_study.state_files import read_state
from armed_study.tables import read_table, write_table

files, params = snakemake.input, snakemake.params
problem = problems.read_problem(
    files,
    scatteritem=snakemake.wildcards.scatteritem,
    seeds=params.seeds,
    config_seed=params.config_seed,
    **params.standardize,
)
chosen = read_table(files.attributed, "attributed")
model = {"model": snakemake.wildcards.model, "method": params.method, "settings": params.settings}
found = attribute_model(problem, read_state(files.model), chosen, **model)
write_table(found, snakemake.output.attribution, "attribution")
