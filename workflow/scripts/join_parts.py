"""Make the dataset of a study from the prepared batches of its images."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from armed_study import studies
from armed_study.data.batches import Batches
from armed_study.io.tables import write_table

files, output, settings = snakemake.input, snakemake.output, snakemake.params.settings
study, tree, images = snakemake.wildcards.study, Path(snakemake.params.tree), Path(output.images)
parts = list(zip(map(Path, files.images), map(Path, files.tables), strict=True))
table, truth = studies.load(settings["kind"]).TABLE, list(map(Path, files.truth))
batches = Batches(study, settings["data"], tree, table, parts, truth, images)
prepared, rows = studies.load_prepare(settings["kind"]).prepare(batches)
prepared.save(output)
write_table(rows, output.rows, table)
