"""Choose the samples whose attribution is looked at."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import read_table, write_table
from armed_study.splits.attribution_samples import choose_samples

chosen = choose_samples(
    read_table(snakemake.input.samples, "samples"),
    read_table(snakemake.input.splits, "splits"),
    count=snakemake.params.settings["interpretation"]["samples"],
    seed=snakemake.params.seed,
)
write_table(chosen, snakemake.output.attributed, "attributed")
