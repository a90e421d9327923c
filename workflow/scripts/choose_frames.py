"""Choose the frames that are imagined on other dates."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study.counterfactuals.choosing import choose_frames
from armed_study.tables import read_table, write_table

chosen = choose_frames(
    read_table(snakemake.input.samples, "samples"),
    read_table(snakemake.input.splits, "splits"),
    count=snakemake.params.settings["counterfactuals"]["cells"],
    seed=snakemake.params.seed,
)
write_table(chosen, snakemake.output.chosen, "chosen_frames")
