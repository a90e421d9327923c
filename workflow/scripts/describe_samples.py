"""Describe the samples of a study: by cluster, step by step of the preparation, beside published ones."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.evaluation.descriptive.clusters import share_by_cluster
from armed_study.evaluation.descriptive.flow import participant_flow
from armed_study.evaluation.descriptive.published import compare_descriptives
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_table
from armed_study.report.published import published_descriptives

given, output = read_inputs(dict(snakemake.input.items())), snakemake.output
samples, splits = given["samples"], given["splits"]
flow = participant_flow(given["flow"], samples, splits)
compared = compare_descriptives(given["descriptives"], published_descriptives())
write_table(share_by_cluster(samples, splits), output.cluster_shares, "cluster_shares")
write_table(flow, output.participant_flow, "participant_flow")
write_table(compared, output.compared_descriptives, "compared_descriptives")
