"""Draw the scores of attribution against the truth, and tabulate them."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.attribution import attribution
from armed_study.io.tables import read_table, write_csv, write_text
from armed_study.report import tables

dataset = ClusteredDataset.load(snakemake.input.samples)
table = attribution.table(read_table(snakemake.input.scores, "attribution_scores"))
figure = attribution.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
title = f"{snakemake.params.title}: attribution against the truth"
page = tables.to_html(attribution.readable(table), title=title, caption=dataset.origin)
write_text(page, snakemake.output.html)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
