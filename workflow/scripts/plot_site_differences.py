"""Draw how images and diagnosis differ between sites and manufacturers."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.evaluation.site_differences import compare_sites
from armed_study.figures import style
from armed_study.figures.data import site_differences
from armed_study.io.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
qc = read_table(snakemake.input.qc, "qc")
metrics = read_table(snakemake.input.metrics, "image_metrics")
table = compare_sites(dataset.samples, qc, metrics)
figure = site_differences.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
