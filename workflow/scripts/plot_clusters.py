"""Draw the share of the outcome in each cluster."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.data import clusters
from armed_study.io.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
table = clusters.table(dataset.samples, read_table(snakemake.input.splits, "splits"))
figure = clusters.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
