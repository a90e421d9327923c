"""Make the dataset of a study from its raw files, with its truth and how many samples were left out."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from armed_study import studies
from armed_study.io import tables

settings = snakemake.params.settings
raw = {Path(path).name: Path(path) for path in snakemake.input.raw}
prepared = studies.load_prepare(settings["kind"]).prepare(
    snakemake.wildcards.study, settings["data"], raw
)
prepared.dataset.validate()
prepared.dataset.save(snakemake.output.samples)
for table in ("truth", "cluster_truth", "display", "flow", "descriptives"):
    tables.write_table(getattr(prepared, table), snakemake.output[table], table)
