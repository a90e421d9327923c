"""Select the samples whose predictions are attributed."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import read_table, write_table
from armed_study.splits.selection import select_samples

selected = select_samples(
    read_table(snakemake.input.samples, "samples"),
    read_table(snakemake.input.splits, "splits"),
    count=snakemake.params.settings["interpretation"]["samples"],
    seed=snakemake.params.seed,
)
write_table(selected, snakemake.output.attributed, "attributed")
