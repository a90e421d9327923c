"""Describe the samples of a study: by cluster, step by step of the preparation, next to published ones."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.evaluation.descriptive import samples as described
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_table
from armed_study.report.published import published_descriptives

given, output = read_inputs(dict(snakemake.input.items())), snakemake.output
dataset, splits = ClusteredDataset.load(snakemake.input.samples), given["splits"]
shares = described.share_by_cluster(dataset.samples, splits, dataset.outcome)
flow = described.participant_flow(given["flow"], dataset.samples, splits)
compared = described.compare_descriptives(given["descriptives"], published_descriptives())
write_table(shares, output.cluster_shares, "cluster_shares")
write_table(flow, output.participant_flow, "participant_flow")
write_table(compared, output.compared_descriptives, "compared_descriptives")
