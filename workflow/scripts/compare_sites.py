"""Compare images and diagnoses between sites and manufacturers, and choose what to show of each."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.evaluation.descriptive.site_differences import compare_sites
from armed_study.evaluation.descriptive.slices import shown_slices
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_table

given, output = read_inputs(dict(snakemake.input.items())), snakemake.output
write_table(compare_sites(**given), output.site_differences, "site_differences")
write_table(shown_slices(given["samples"], given["qc"]), output.shown_slices, "shown_slices")
