"""Draw learned random effects against what they should be, and tabulate the correlations."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.effects import validation
from armed_study.io.tables import read_table, write_csv, write_text
from armed_study.report import tables

dataset = ClusteredDataset.load(snakemake.input.samples)
table = validation.table(read_table(snakemake.input.validation, "effect_validation"))
recovery = validation.correlations(table)
figure = validation.draw(
    table, title=snakemake.params.title, origin=dataset.origin, generated=dataset.generated
)
title = f"{snakemake.params.title}: recovery of random effects"
write_csv(recovery, snakemake.output.recovery)
words = tables.to_html(validation.readable(recovery), title=title)
write_text(words, snakemake.output.recovery_html)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
