"""Render the chosen frames as they truly look on every seen date."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.counterfactuals.rendering import plan_renderings, write_renderings
from armed_study.io.tables import read_table, write_table

plan = plan_renderings(
    read_table(snakemake.input.chosen, "chosen_frames"),
    read_table(snakemake.input.samples, "samples"),
    read_table(snakemake.input.frames, "frames"),
)
write_renderings(
    snakemake.output.images,
    plan,
    data=snakemake.params.settings["data"],
    seed=snakemake.params.seed,
)
write_table(plan[["sample", "cluster", "row"]], snakemake.output.table, "rendered")
