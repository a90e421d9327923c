"""Write the raw tables of a study that a generator draws or a package ships."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from armed_study import studies, tables

settings = snakemake.params.settings
frames = studies.load(settings["kind"]).produce(settings["data"], snakemake.params.seed)
for path in map(Path, snakemake.output):
    tables.write_csv(frames[path.name], path, digits=None)
