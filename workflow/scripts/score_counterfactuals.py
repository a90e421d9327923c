"""Score counterfactual frames against the true renderings."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.counterfactuals import scoring
from armed_study.interpretation.counterfactuals.index import read_indexed
from armed_study.io.tables import write_table, write_text
from armed_study.report import tables

files, output = snakemake.input, snakemake.output
dataset = ClusteredDataset.load(files.samples)
counterfactuals = read_indexed(
    files.counterfactual_tables, files.counterfactuals, "counterfactuals"
)
rendered = read_indexed([files.rendered_table], [files.rendered], "rendered")
scores = scoring.score_counterfactuals(counterfactuals, rendered, dataset.samples, dataset.images)
summary = scoring.summarise(scores, seed=snakemake.params.seed)
title = f"{snakemake.params.title}: counterfactual frames against true ones"
page = tables.to_html(scoring.readable(summary), title=title, caption=dataset.origin)
write_table(scores, output.counterfactual_scores, "counterfactual_scores")
write_table(summary, output.counterfactual_summary, "counterfactual_summary")
write_text(page, output.html)
