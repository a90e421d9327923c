"""Write a tree of simulated images, and the truth about them."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from armed_study import studies

settings = snakemake.params.settings
folder = Path(snakemake.output.tree).parent
studies.load_prepare(settings["kind"]).simulate(
    settings["data"], snakemake.params.seed, folder, snakemake.threads
)
