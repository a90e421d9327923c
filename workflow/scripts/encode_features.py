"""Encode the features of a study, fold by fold, as the arrays that all its models read."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.data.encoding import write_features
from armed_study.io.tables import read_table

write_features(
    ClusteredDataset.load(snakemake.input.samples),
    read_table(snakemake.input.splits, "splits"),
    read_table(snakemake.input.display, "display"),
    snakemake.output,
    **snakemake.params.settings,
)
