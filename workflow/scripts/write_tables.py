"""Write the tables of a study as CSV and HTML."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.effects.clusters import summarise_effects
from armed_study.io.tables import read_table, write_csv, write_text
from armed_study.report import tables
from armed_study.report.published import published_scores
from armed_study.splits.null import caption

title = f"{snakemake.params.title} ({snakemake.params.origin})"
summary = read_table(snakemake.input.summary, "summary")
compared = read_table(snakemake.input.comparisons, "comparisons")
learned = summarise_effects(read_table(snakemake.input.random_effects, "random_effects"))
performance = tables.performance_table(
    summary[summary["metric"].isin(snakemake.params.metrics)],
    published_scores(snakemake.wildcards.study, snakemake.params.published),
)
null = snakemake.input.split_null  # no path where folds balance clusters only
captions = {"performance": caption(read_table(null, "split_null"))} if null else {}
write_csv(summary, snakemake.output.summary)
for name, frame in (
    ("performance", performance),
    ("comparisons", compared),
    ("random_effects", learned),
):
    write_csv(frame, snakemake.output[name])
    page = tables.to_html(frame, title=title, caption=captions.get(name, ""))
    write_text(page, snakemake.output[f"{name}_html"])
