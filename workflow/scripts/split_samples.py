"""Deal the samples of a study to the parts of each fold."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.io import tables
from armed_study.splits import make_splits

dataset = ClusteredDataset.load(snakemake.input.samples)
settings = {k: v for k, v in snakemake.params.settings["splits"].items() if k != "seeds"}
splits = make_splits.make_splits(dataset, **settings, seed=snakemake.params.seed)
tables.write_table(splits, snakemake.output.splits, "splits")
