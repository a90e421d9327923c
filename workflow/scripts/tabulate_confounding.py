"""Set what the manufacturer says of the diagnosis next to the oracles."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.evaluation.descriptive.confounding import measure_confounding
from armed_study.io.tables import read_table, write_csv, write_text
from armed_study.report import tables
from armed_study.studies.ad_mri.scans.manufacturers import manufacturers

samples = ClusteredDataset.load(snakemake.input.samples).samples
splits = read_table(snakemake.input.splits, "splits")
truth = read_table(snakemake.input.truth, "truth")
makers = manufacturers(samples["sample"], read_table(snakemake.input.qc, "qc"))
table = measure_confounding(samples, splits, truth, makers, seed=snakemake.params.seed)
title = f"{snakemake.params.title} ({snakemake.params.origin}): AUROC of manufacturer and oracles"
write_csv(table, snakemake.output.table)
write_text(tables.to_html(table, title=title), snakemake.output.html)
