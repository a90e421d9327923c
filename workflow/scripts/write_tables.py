"""Write the tables of a study as CSV and HTML."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_csv, write_text
from armed_study.report import published, study_tables, tables

params, output = snakemake.params, snakemake.output
given = read_inputs(dict(snakemake.input.items()))
given["published"] = published.published_scores(snakemake.wildcards.study, params.published)
write_csv(given.pop("best"), output.best)
made = study_tables.collect(**given, metrics=params.metrics, networks=params.networks)
write_csv(given["summary"], output.summary)
for name, (frame, caption) in made.items():
    write_csv(frame, output[name])
    write_text(tables.to_html(frame, title=params.title, caption=caption), output[f"{name}_html"])
