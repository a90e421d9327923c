"""Select the frames that are transferred to other dates."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import read_table, write_table
from armed_study.splits.selection import select_frames

selected = select_frames(
    read_table(snakemake.input.samples, "samples"),
    read_table(snakemake.input.splits, "splits"),
    count=snakemake.params.settings["counterfactuals"]["cells"],
    seed=snakemake.params.seed,
)
write_table(selected, snakemake.output.chosen, "chosen_frames")
