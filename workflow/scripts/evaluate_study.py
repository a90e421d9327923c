"""Score the predictions of all models of a study."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.evaluation import calibration, comparisons, scores, summaries
from armed_study.io.tables import read_table, write_table

study, files = snakemake.wildcards.study, snakemake.input
samples = read_table(files.samples, "samples")
truth = read_table(files.truth, "truth")
splits = read_table(files.splits, "splits")
parts = [read_table(path, "predictions") for path in files.predictions]
scored = scores.score_predictions(parts, samples, truth, rows=snakemake.params.rows, study=study)
summary = summaries.summarise(scored, seed=snakemake.params.seed)
compared = comparisons.compare(scored.table, splits, reference=snakemake.params.reference)
bins = calibration.calibration_table(parts, samples, study=study, seed=snakemake.params.seed)
write_table(scored.table, snakemake.output.scores, "scores")
write_table(summary, snakemake.output.summary, "summary")
write_table(compared, snakemake.output.comparisons, "comparisons")
write_table(bins, snakemake.output.calibration, "calibration")
