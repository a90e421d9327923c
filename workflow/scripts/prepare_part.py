"""Prepare a batch of the images of a study."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from armed_study import studies

settings = snakemake.params.settings
studies.load_batches(settings["kind"]).prepare_part(
    settings["data"],
    Path(snakemake.params.tree),
    snakemake.wildcards.scatteritem,
    Path(snakemake.output.images).parent,
)
