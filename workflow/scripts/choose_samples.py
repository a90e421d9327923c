"""Choose the samples whose attribution is looked at."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study.attribution.choosing import choose_samples
from armed_study.tables import read_table, write_table

chosen = choose_samples(
    read_table(snakemake.input.samples, "samples"),
    read_table(snakemake.input.splits, "splits"),
    count=snakemake.params.settings["interpretation"]["samples"],
    seed=snakemake.params.seed,
)
write_table(chosen, snakemake.output.attributed, "attributed")
