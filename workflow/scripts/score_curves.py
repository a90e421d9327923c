"""Score the points of a study's learning curves."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.evaluation.learning_curves import learning_curves
from armed_study.io.tables import read_table, write_table

files, params = snakemake.input, snakemake.params
dataset = ClusteredDataset.load(files.samples)
given = [read_table(files.predictions, "predictions"), read_table(files.points, "curve_points")]
given += [dataset.samples, read_table(files.truth, "truth")]
settings = {"metrics": params.metrics[:2], "seed": params.seed, "outcome": dataset.outcome}
table = learning_curves(*given, study=snakemake.wildcards.study, **settings)
write_table(table, snakemake.output.learning_curves, "learning_curves")
