"""Make the true maps of the disease of the chosen samples."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.attribution.truth import write_disease_maps
from armed_study.io.tables import read_table

write_disease_maps(
    snakemake.output.maps,
    read_table(snakemake.input.samples, "samples"),
    read_table(snakemake.input.qc, "qc"),
    read_table(snakemake.input.attributed, "attributed")["sample"],
    data=snakemake.params.settings["data"],
    seed=snakemake.params.seed,
)
