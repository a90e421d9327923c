"""Write the tables of a study as CSV and HTML."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study import effects, html_tables
from armed_study.published import published_scores
from armed_study.tables import read_table, write_csv, write_text

title = f"{snakemake.params.title} ({snakemake.params.origin})"
summary = read_table(snakemake.input.summary, "summary")
compared = read_table(snakemake.input.comparisons, "comparisons")
learned = effects.summarise_effects(read_table(snakemake.input.random_effects, "random_effects"))
performance = html_tables.performance_table(
    summary[summary["metric"].isin(snakemake.params.metrics)],
    published_scores(snakemake.wildcards.study, snakemake.params.published),
)
write_csv(summary, snakemake.output.summary)
for name, frame in (
    ("performance", performance),
    ("comparisons", compared),
    ("random_effects", learned),
):
    write_csv(frame, snakemake.output[name])
    write_text(html_tables.to_html(frame, title=title), snakemake.output[f"{name}_html"])
