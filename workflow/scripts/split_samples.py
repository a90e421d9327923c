"""Deal the samples of a study to the parts of each fold."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.io import tables
from armed_study.splits import make_splits
from armed_study.splits.few_shot import few_shot_samples

dataset = ClusteredDataset.load(snakemake.input.samples)
params, seed = snakemake.params.settings, snakemake.params.seed
settings = {name: value for name, value in params["splits"].items() if name != "seeds"}
splits = make_splits.make_splits(dataset, **settings, seed=seed)
given = few_shot_samples(dataset.samples, splits, shots=params["few_shot"], seed=seed)
tables.write_table(splits, snakemake.output.splits, "splits")
tables.write_table(given, snakemake.output.few_shot_samples, "few_shot_samples")
