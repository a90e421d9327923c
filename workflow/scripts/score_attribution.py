"""Score the attribution of networks against the true maps of the disease."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.attribution import scoring, summary
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_table, write_text
from armed_study.report.tables import to_html

params, output = snakemake.params, snakemake.output
given = read_inputs(dict(snakemake.input.items()))
scores = scoring.score_attribution(**given, threshold=params.threshold)
means = summary.summarise(scores)
origin = ClusteredDataset.load(snakemake.input.samples).origin
write_table(scores, output.attribution_scores, "attribution_scores")
write_table(means, output.attribution_summary, "attribution_summary")
write_text(to_html(summary.readable(means), title=params.title, caption=origin), output.html)
