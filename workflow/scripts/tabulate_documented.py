"""Write the tables and the page of the documented mixed models."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import read_table, write_csv, write_text
from armed_study.mixed_models import documented_summary
from armed_study.report.tables import to_page

output = snakemake.output
effects = read_table(snakemake.input.effects, "documented_effects").sort_values("item")
parts = read_table(snakemake.input.parts, "fixed_parts").sort_values("item")
write_csv(effects, output.effects)
write_csv(parts, output.parts)
page = documented_summary.documented_page(effects, parts)
caption = documented_summary.documented_caption(effects)
write_text(to_page(page, title="Documented mixed models", caption=caption), output.html)
