"""Draw univariate mixed models against the published ones."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.effects import univariate
from armed_study.io.tables import read_table, write_csv
from armed_study.report.published import published_univariate

dataset = ClusteredDataset.load(snakemake.input.samples)
models = read_table(snakemake.input.univariate, "univariate")
table = univariate.table(models, published_univariate())
figure = univariate.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
