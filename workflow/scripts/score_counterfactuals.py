"""Score counterfactual frames against the true renderings."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.counterfactuals import index, scoring
from armed_study.io.tables import write_table, write_text
from armed_study.report.tables import to_html

files, output, params = snakemake.input, snakemake.output, snakemake.params
known, names = ClusteredDataset.load(files.samples), ("counterfactuals", "rendered")
made = [index.read_indexed(files[f"{name}_tables"], files[name], name) for name in names]
scores = scoring.score_counterfactuals(*made, known.samples, known.images)
summary = scoring.summarise(scores, seed=params.seed)
page = to_html(scoring.readable(summary), title=params.title, caption=known.origin)
write_table(scores, output.counterfactual_scores, "counterfactual_scores")
write_table(summary, output.counterfactual_summary, "counterfactual_summary")
write_text(page, output.html)
