"""Average the simulated grid over draws, and write its table and page."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import read_table, write_csv, write_table, write_text
from armed_study.mixed_models import grid_summary
from armed_study.report.tables import to_page

output = snakemake.output
summary = grid_summary.summarise_grid(read_table(snakemake.input.cells, "grid_effects"))
write_table(summary, output.summary, "grid_summary")
write_csv(summary, output.table)
page, caption = grid_summary.grid_page(summary), grid_summary.grid_caption(summary)
write_text(to_page(page, title="Simulated grid (generated data)", caption=caption), output.html)
