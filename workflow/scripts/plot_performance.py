"""Draw the performance of each model on seen and unseen clusters."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.performance import performance
from armed_study.io.tables import read_table, write_csv
from armed_study.report.published import published_scores

dataset = ClusteredDataset.load(snakemake.input.samples)
scores = read_table(snakemake.input.scores, "scores")
summary = read_table(snakemake.input.summary, "summary")
table = performance.table(
    scores,
    summary,
    published_scores(snakemake.wildcards.study, snakemake.params.published),
    metrics=snakemake.params.metrics[:2],
)
figure = performance.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
