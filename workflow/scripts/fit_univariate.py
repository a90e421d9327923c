"""Fit a logistic mixed model of each continuous feature of a study, and compare it with the published."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.effects import univariate
from armed_study.io.tables import read_table, write_table
from armed_study.report.published import published_univariate

dataset, output = ClusteredDataset.load(snakemake.input.samples), snakemake.output
models = univariate.univariate_models(dataset, read_table(snakemake.input.splits, "splits"))
compared = univariate.compare_univariate(models, published_univariate())
write_table(models, output.univariate, "univariate")
write_table(compared, output.compared_univariate, "compared_univariate")
