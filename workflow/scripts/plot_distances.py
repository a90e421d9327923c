"""Draw distances between dates of a xenograft against those between xenografts on a date."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.reconstruction import distances
from armed_study.io.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
apart = read_table(snakemake.input.distances, "latent_distances")
scores = read_table(snakemake.input.scores, "latent_scores")
table = distances.table(apart, scores, dataset.samples)
about = {"origin": dataset.origin, "generated": dataset.generated}
figure = distances.draw(table, title=snakemake.params.title, **about)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
