"""Tell the cluster from the hidden features of each network, and from the input."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.latents.cluster_in_features import tell_cluster
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_csv, write_table, write_text
from armed_study.report import cluster_features, tables

samples, *files = snakemake.input.items()
data = ClusteredDataset.load(samples[1])
table = tell_cluster(samples=data.samples, outcome=data.outcome, **read_inputs(dict(files)))
write_table(table, snakemake.output.table, "cluster_in_features")
write_csv(table, snakemake.output.csv)
page, said = cluster_features.cluster_features_page(table, snakemake.params.adversarial)
html = tables.to_html(page, title=snakemake.params.title, caption=said)
write_text(html, snakemake.output.html)
