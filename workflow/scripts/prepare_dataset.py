"""Make the dataset of a study from its raw files, with its truth and how many samples were left out."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from armed_study import studies

settings = snakemake.params.settings
raw = {Path(path).name: Path(path) for path in snakemake.input.raw}
prepared = studies.load_prepare(settings["kind"]).prepare(
    snakemake.wildcards.study, settings["data"], raw
)
prepared.save(snakemake.output)
