"""Draw the samples of each seen cluster."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.data import points
from armed_study.io.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
truth = read_table(snakemake.input.cluster_truth, "cluster_truth")
table = points.table(dataset.samples, truth, features=["x1", "x2"])
figure = points.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
