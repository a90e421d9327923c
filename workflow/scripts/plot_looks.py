"""Draw what frames and reconstructions look like by date, and tabulate the dates' share of it."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.reconstruction import appearance
from armed_study.interpretation.reconstruction.appearance_by_date import compare_looks
from armed_study.io.tables import read_table, write_csv, write_text
from armed_study.report import tables

dataset = ClusteredDataset.load(snakemake.input.samples)
table = compare_looks(read_table(snakemake.input.looks, "looks"), dataset.samples)
about = {"title": snakemake.params.title, "origin": dataset.origin, "generated": dataset.generated}
figure = appearance.draw(table, **about)
title = f"{snakemake.params.title}: share of the variance of looks between dates"
page = tables.to_html(appearance.readable(table), title=title, caption=dataset.origin)
write_text(page, snakemake.output.html)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
