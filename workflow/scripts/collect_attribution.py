"""Collect the maps of attribution that pictures show."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.attribution.pictures import shown_attribution, site_attribution
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_table

given, output = read_inputs(dict(snakemake.input.items())), snakemake.output
shown = shown_attribution(**given)
sites = site_attribution(given["attribution"], given["samples"])
write_table(shown, output.shown_attribution, "shown_attribution")
write_table(sites, output.site_attribution, "site_attribution")
