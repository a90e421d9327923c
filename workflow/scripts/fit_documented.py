"""Fit a part of the documented mixed models."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import write_csv, write_table
from armed_study.mixed_models import documented_fits

models = documented_fits.selected(snakemake.wildcards.scatteritem, **snakemake.params.rows)
table = documented_fits.compare_with_lme4(models)
write_csv(table[["item", "factor", "seconds"]], snakemake.output.times)
write_table(table.drop(columns="seconds"), snakemake.output.effects, "documented_effects")
