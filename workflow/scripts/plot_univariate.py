"""Draw univariate mixed models against the published ones."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study.dataset import ClusteredDataset
from armed_study.figures import style, univariate
from armed_study.published import published_univariate
from armed_study.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
models = read_table(snakemake.input.univariate, "univariate")
table = univariate.table(models, published_univariate())
figure = univariate.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
