"""Write the raw tables of a study that a generator draws or a package ships."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from armed_study import studies
from armed_study.io import tables

settings = snakemake.params.settings
frames = studies.load_prepare(settings["kind"]).simulate(settings["data"], snakemake.params.seed)
for path in map(Path, snakemake.output):
    tables.write_csv(frames[path.name], path, digits=None)
