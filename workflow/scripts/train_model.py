"""Train one model on a part of the folds and write what it learned and predicts."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study import learners, problems

problem = problems.read_problem(
    snakemake.input,
    scatteritem=snakemake.wildcards.scatteritem,
    seeds=snakemake.params.seeds,
    config_seed=snakemake.params.config_seed,
    **snakemake.params.standardize,
)
trained = learners.load(snakemake.params.method).fit(
    problem, model=snakemake.wildcards.model, settings=snakemake.params.settings
)
problems.write_trained(trained, snakemake.output)
