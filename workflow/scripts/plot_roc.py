"""Draw the ROC curve of each model."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.performance import roc
from armed_study.io.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
table = roc.table(
    [read_table(path, "predictions") for path in snakemake.input.predictions],
    dataset.samples,
    read_table(snakemake.input.truth, "truth"),
    read_table(snakemake.input.summary, "summary"),
    rows=snakemake.params.rows,
    seed=snakemake.params.seed,
)
figure = roc.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
