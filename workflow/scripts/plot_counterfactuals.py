"""Draw how near imagined frames are to the true ones, and tabulate it."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.reconstruction import counterfactuals
from armed_study.interpretation.counterfactuals.summary import summarise
from armed_study.io.tables import read_table, write_csv, write_text
from armed_study.report import tables

dataset = ClusteredDataset.load(snakemake.input.samples)
scores = read_table(snakemake.input.scores, "counterfactual_scores")
table = summarise(scores, seed=snakemake.params.seed)
about = {"title": snakemake.params.title, "origin": dataset.origin, "generated": dataset.generated}
figure = counterfactuals.draw(table, **about)
title = f"{snakemake.params.title}: imagined frames against true ones"
page = tables.to_html(counterfactuals.readable(table), title=title, caption=dataset.origin)
write_text(page, snakemake.output.html)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
