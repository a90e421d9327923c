"""Fit a logistic mixed model of each continuous feature of a study."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.effects import univariate
from armed_study.io.tables import read_table, write_table

dataset = ClusteredDataset.load(snakemake.input.samples)
models = univariate.univariate_models(dataset, read_table(snakemake.input.splits, "splits"))
write_table(models, snakemake.output.univariate, "univariate")
