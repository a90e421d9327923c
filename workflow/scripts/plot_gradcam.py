"""Draw where each network finds the outcome."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.attribution import gradcam, overlays
from armed_study.io.tables import read_table, write_csv

files, dataset = snakemake.input, ClusteredDataset.load(snakemake.input.samples)
table = gradcam.table(
    read_table(files.attribution, "attribution"),
    read_table(files.attributed, "attributed"),
    dataset.samples,
)
figure = gradcam.draw(
    table,
    images=overlays.read_pictures(files.images, dataset.samples, table["sample"]),
    truth=overlays.read_pictures(files.maps, dataset.samples, table["sample"]),
    threshold=snakemake.params.settings["interpretation"]["threshold"],
    **{"title": snakemake.params.title, "origin": dataset.origin, "generated": dataset.generated},
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
