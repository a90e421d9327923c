"""Infer the soft cluster membership of the unseen samples of a part of the folds."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io import tables
from armed_study.training import load
from armed_study.training.membership import infer_membership

study = load.read_study(
    snakemake.input,
    scatteritem=snakemake.wildcards.scatteritem,
    seeds=snakemake.params.seeds,
    config_seed=snakemake.params.config_seed,
)
membership = infer_membership(study, settings=snakemake.params.settings["membership"])
tables.write_table(membership, snakemake.output.membership, "membership")
