"""Draw learned random intercepts against the clusters' outcome shares."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.effects import intercepts
from armed_study.io.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
effects = read_table(snakemake.input.random_effects, "random_effects")
splits = read_table(snakemake.input.splits, "splits")
table = intercepts.table(effects, dataset.samples, splits)
figure = intercepts.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
