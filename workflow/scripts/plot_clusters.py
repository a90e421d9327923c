"""Draw the share of the outcome in each cluster."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study.dataset import ClusteredDataset
from armed_study.figures import data_clusters, style
from armed_study.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
table = data_clusters.table(dataset.samples, read_table(snakemake.input.splits, "splits"))
figure = data_clusters.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
