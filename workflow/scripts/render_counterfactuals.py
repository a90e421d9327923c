"""Render the chosen frames as they truly look on every seen date."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.counterfactuals import rendering
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_table

params, output = snakemake.params, snakemake.output
given = read_inputs(dict(snakemake.input.items()))
plan = rendering.plan_renderings(given["selected_frames"], given["samples"], given["frames"])
rendering.write_renderings(output.images, plan, data=params.settings["data"], seed=params.seed)
write_table(plan[["sample", "cluster", "row"]], output.table, "rendered")
