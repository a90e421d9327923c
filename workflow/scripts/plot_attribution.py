"""Draw the scores of attribution against the truth, and tabulate them."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study import html_tables
from armed_study.dataset import ClusteredDataset
from armed_study.figures import attribution, style
from armed_study.tables import read_table, write_csv, write_text

dataset = ClusteredDataset.load(snakemake.input.samples)
table = attribution.table(read_table(snakemake.input.scores, "attribution_scores"))
figure = attribution.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
title = f"{snakemake.params.title}: attribution against the truth"
page = html_tables.to_html(attribution.readable(table), title=title, caption=dataset.origin)
write_text(page, snakemake.output.html)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
