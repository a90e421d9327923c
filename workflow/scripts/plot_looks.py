"""Draw what frames and reconstructions look like by date, and tabulate the dates' share of it."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study import html_tables
from armed_study.dataset import ClusteredDataset
from armed_study.figures import looks, style
from armed_study.reconstruction.comparing_looks import compare_looks
from armed_study.tables import read_table, write_csv, write_text

dataset = ClusteredDataset.load(snakemake.input.samples)
table = compare_looks(read_table(snakemake.input.looks, "looks"), dataset.samples)
about = {"title": snakemake.params.title, "origin": dataset.origin, "generated": dataset.generated}
figure = looks.draw(table, **about)
title = f"{snakemake.params.title}: share of the variance of looks between dates"
page = html_tables.to_html(looks.readable(table), title=title, caption=dataset.origin)
write_text(page, snakemake.output.html)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
