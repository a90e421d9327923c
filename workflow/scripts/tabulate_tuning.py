"""Write the settings that were searched for, and those selected, as CSV and HTML."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import read_table, write_csv, write_text
from armed_study.report import tables
from armed_study.training.tuning.selection import tabulate

params, output = snakemake.params, snakemake.output
trials = read_table(list(snakemake.input.trials), "trials")
made = tabulate(trials, params.searches)
for name, frame in made.items():
    write_csv(frame, output[name])
named = {"Selected settings": made["tuned_settings"], "Trials": made["tuning_trials"]}
write_text(tables.to_page(named, title=params.title), output.html)
