"""Train one model on a part of the folds and write what it learned and predicts."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study import training
from armed_study.training import load
from armed_study.training.tuning.selection import read_changes

files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
dealt = {"scatteritem": wildcards.scatteritem, "shots": params.shots}
study = load.read_study(files, **dealt, **params.replicas)
train = training.trainer(params.model["method"])
changes = read_changes(files.trials, params.select_by)
given = {"model": wildcards.model, "settings": params.model["settings"], "changes": changes}
train(study, **given).write(snakemake.output)
