"""Infer the soft cluster membership of the unseen samples of a part of the folds."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import write_table
from armed_study.training import load
from armed_study.training.membership import infer_membership

files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
study = load.read_study(files, scatteritem=wildcards.scatteritem, **params.replicas)
membership = infer_membership(study, settings=params.settings["membership"])
write_table(membership, snakemake.output.membership, "membership")
