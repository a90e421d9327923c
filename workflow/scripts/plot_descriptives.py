"""Draw what the source of a study holds against published descriptives."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study.dataset import ClusteredDataset
from armed_study.figures import descriptives, style
from armed_study.published import published_descriptives
from armed_study.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
found = read_table(snakemake.input.descriptives, "descriptives")
table = descriptives.table(found, published_descriptives())
figure = descriptives.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
