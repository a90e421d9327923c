"""Score models with random effects on unseen clusters of which some samples are labelled."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.evaluation.new_clusters.few_shot import few_shot_table
from armed_study.io.tables import read_table, write_table

files, study = snakemake.input, snakemake.wildcards.study
predictions = [read_table(path, "few_shot_predictions") for path in files.few_shot_predictions]
dataset = ClusteredDataset.load(files.samples)
known = [dataset.samples, *(read_table(files[n], n) for n in ("few_shot_samples", "splits"))]
settings = {"study": study, "seed": snakemake.params.seed, "outcome": dataset.outcome}
table = few_shot_table(predictions, *known, **settings)
write_table(table, snakemake.output.few_shot, "few_shot")
