"""Prepare a batch of the scans of a study."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from armed_study.mri.batch import prepare_batch
from armed_study.mri.bids import scans_of_part
from armed_study.mri.settings import MriSettings

data = snakemake.params.settings["data"]
scans = scans_of_part(snakemake.params.tree, data["space"], snakemake.wildcards.scatteritem)
prepare_batch(scans, MriSettings(**data["images"]), Path(snakemake.output.qc).parent)
