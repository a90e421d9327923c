"""Score what knowing the cluster alone gives by the way that the samples are dealt."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.io.tables import write_csv, write_table
from armed_study.splits.null import null_of_split

dataset, params = ClusteredDataset.load(snakemake.input.samples), snakemake.params
unused = ("seeds", "small_strata")  # small strata are merged
settings = {k: v for k, v in params.settings["splits"].items() if k not in unused}
settings |= {"study": dataset.name, "outcome": dataset.outcome, "seed": params.seed}
null = null_of_split(dataset.samples, **settings)
write_table(null, snakemake.output.split_null, "split_null")
write_csv(null, snakemake.output.csv)
