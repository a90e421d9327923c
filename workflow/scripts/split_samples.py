"""Deal the samples of a study to the parts of each fold."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study import splitting, tables
from armed_study.dataset import ClusteredDataset

dataset = ClusteredDataset.load(snakemake.input.samples)
settings = {k: v for k, v in snakemake.params.settings["splits"].items() if k != "seeds"}
splits = splitting.make_splits(dataset, **settings, seed=snakemake.params.seed)
tables.write_table(splits, snakemake.output.splits, "splits")
