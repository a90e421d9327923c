"""Compare images and diagnoses between sites and manufacturers."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.evaluation.descriptive.site_differences import compare_sites
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_table

table = compare_sites(**read_inputs(dict(snakemake.input.items())))
write_table(table, snakemake.output.differences, "site_differences")
