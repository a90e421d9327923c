"""Train one model on a part of the folds and write what it learned and predicts."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study import training
from armed_study.training import load

study = load.read_study(
    snakemake.input,
    scatteritem=snakemake.wildcards.scatteritem,
    seeds=snakemake.params.seeds,
    config_seed=snakemake.params.config_seed,
)
results = training.trainer(snakemake.params.method)(
    study, model=snakemake.wildcards.model, settings=snakemake.params.settings
)
results.write(snakemake.output)
