"""Compare linear and network fixed parts of a part of the documented mixed models."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import write_table
from armed_study.mixed_models.documented_fits import selected
from armed_study.mixed_models.fixed_parts import compare_fixed_parts

settings = snakemake.params.settings
rows = {name: settings[name] for name in ("least_rows", "most_rows")}
models = selected(snakemake.wildcards.scatteritem, **rows)
table = compare_fixed_parts(models, settings, seed=snakemake.params.seed)
write_table(table, snakemake.output.parts, "fixed_parts")
