"""Draw images of every site."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.data import slices
from armed_study.io.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
table = slices.table(dataset.samples, read_table(snakemake.input.qc, "qc"))
figure = slices.draw(
    table,
    dataset.images,
    title=snakemake.params.title,
    origin=dataset.origin,
    generated=dataset.generated,
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
