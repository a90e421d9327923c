"""Run a part of the trials of one model on a part of the folds, and write how well each predicts."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import write_table
from armed_study.training import load
from armed_study.training.tuning.running import run_trials

files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
study = load.read_study(files, scatteritem=wildcards.folds, **params.replicas)
given = {"model": wildcards.model, "part": wildcards.scatteritem, "tuning": params.tuning}
write_table(run_trials(study, **given, **params.model), snakemake.output.trials, "trials")
