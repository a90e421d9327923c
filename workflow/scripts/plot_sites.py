"""Draw the share of the outcome in each cluster, and its intercepts."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.effects import sites
from armed_study.io.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
splits = read_table(snakemake.input.splits, "splits")
effects = read_table(snakemake.input.random_effects, "random_effects")
truth = read_table(snakemake.input.cluster_truth, "cluster_truth")
table = sites.table(dataset.samples, splits, effects, truth)
figure = sites.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
