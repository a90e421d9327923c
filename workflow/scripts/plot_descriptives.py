"""Draw what the source of a study holds against published descriptives."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.data import descriptives
from armed_study.io.tables import read_table, write_csv
from armed_study.report.published import published_descriptives

dataset = ClusteredDataset.load(snakemake.input.samples)
found = read_table(snakemake.input.descriptives, "descriptives")
table = descriptives.table(found, published_descriptives())
figure = descriptives.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
