"""Draw how the samples of a study came out of its source."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.data import flow
from armed_study.io.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
steps = read_table(snakemake.input.flow, "flow")
table = flow.table(steps, dataset.samples, read_table(snakemake.input.splits, "splits"))
figure = flow.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
