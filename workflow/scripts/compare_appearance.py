"""Compare what frames and reconstructions look like between dates."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.reconstruction.appearance_by_date import (
    compare_appearance,
    readable,
)
from armed_study.io.tables import read_table, write_table, write_text
from armed_study.report import tables

dataset = ClusteredDataset.load(snakemake.input.samples)
table = compare_appearance(read_table(snakemake.input.appearance, "appearance"), dataset.samples)
title = f"{snakemake.params.title}: share of the variance of appearance between dates"
page = tables.to_html(readable(table), title=title, caption=dataset.origin)
write_table(table, snakemake.output.table, "appearance_by_date")
write_text(page, snakemake.output.html)
