"""Draw images of every site."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study.dataset import ClusteredDataset
from armed_study.figures import slices, style
from armed_study.tables import read_table, write_csv

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
