"""Draw what each model predicts for each cluster."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.performance import boundaries
from armed_study.io.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
display = read_table(snakemake.input.display, "display")
predicted = read_table(snakemake.input.predictions, "display_predictions")
truth = read_table(snakemake.input.truth, "truth")
clusters = read_table(snakemake.input.cluster_truth, "cluster_truth")
table = boundaries.table(display, predicted, truth, features=["x1", "x2"], cluster_truth=clusters)
figure = boundaries.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
