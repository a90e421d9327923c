"""Tell the cluster from the hidden features of each network, and from the input."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.latents.cluster_in_features import tell_cluster
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_csv, write_table, write_text
from armed_study.report import tables
from armed_study.report.cluster_features import cluster_features_page

params, output = snakemake.params, snakemake.output
dataset = ClusteredDataset.load(snakemake.input.samples)
given = read_inputs({name: snakemake.input[name] for name in ("hidden_features", "inputs")})
table = tell_cluster(given["hidden_features"], dataset.samples, given["inputs"], dataset.outcome)
write_table(table, output.table, "cluster_in_features")
write_csv(table.drop(columns="study"), output.csv)
page, said = cluster_features_page(table, params.adversarial)
write_text(tables.to_html(page, title=params.title, caption=said), output.html)
