"""Make the dataset of a study from the prepared batches of its images."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from armed_study import studies
from armed_study.data.batches import Batches
from armed_study.io import tables

files, settings = snakemake.input, snakemake.params.settings
table = studies.load(settings["kind"]).TABLE
batches = Batches(
    study=snakemake.wildcards.study,
    settings=settings["data"],
    tree=Path(snakemake.params.tree),
    table=table,
    parts=list(zip(map(Path, files.images), map(Path, files.tables), strict=True)),
    truth=list(map(Path, files.truth)),
    images=Path(snakemake.output.images),
)
prepared, rows = studies.load_prepare(settings["kind"]).prepare(batches)
prepared.dataset.validate()
prepared.dataset.save(snakemake.output.samples)
tables.write_table(rows, snakemake.output.rows, table)
for table in ("truth", "cluster_truth", "display", "flow", "descriptives"):
    tables.write_table(getattr(prepared, table), snakemake.output[table], table)
