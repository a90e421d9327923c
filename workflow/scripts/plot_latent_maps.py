"""Draw the latents of each model in two dimensions, by date and by phenotype."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.reconstruction import latent_maps
from armed_study.io.tables import read_table, write_csv

dataset = ClusteredDataset.load(snakemake.input.samples)
maps = read_table(snakemake.input.maps, "latent_maps")
table = latent_maps.table(maps, dataset.samples)
about = {"origin": dataset.origin, "generated": dataset.generated}
figure = latent_maps.draw(table, title=snakemake.params.title, **about)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
