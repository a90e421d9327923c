"""Draw the most important features of each model, and where probes rank."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.effects import probe_ranks, ranked_importance
from armed_study.io.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
importance = read_table(snakemake.input.importance, "importance")
effects = read_table(snakemake.input.random_effects, "random_effects")
table = ranked_importance.table(importance, effects)
ranks = probe_ranks.table(importance)
figure = ranked_importance.draw(
    table,
    title=snakemake.params.title,
    origin=dataset.origin,
    generated=dataset.generated,
    ranks=ranks,
)
write_csv(ranks, snakemake.output.ranks)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
