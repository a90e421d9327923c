"""Train one model on a part of the folds and write what it learned and predicts."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.training import learners, load

problem = load.read_problem(
    snakemake.input,
    scatteritem=snakemake.wildcards.scatteritem,
    seeds=snakemake.params.seeds,
    config_seed=snakemake.params.config_seed,
)
trained = learners.load(snakemake.params.method).fit(
    problem, model=snakemake.wildcards.model, settings=snakemake.params.settings
)
load.write_trained(trained, snakemake.output)
