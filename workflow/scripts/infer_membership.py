"""Infer the soft cluster membership of the unseen samples of a part of the folds."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study import problems, tables
from armed_study.learners.membership import infer_membership

problem = problems.read_problem(
    snakemake.input,
    scatteritem=snakemake.wildcards.scatteritem,
    seeds=snakemake.params.seeds,
    config_seed=snakemake.params.config_seed,
    **snakemake.params.standardize,
)
membership = infer_membership(problem, settings=snakemake.params.settings["membership"])
tables.write_table(membership, snakemake.output.membership, "membership")
