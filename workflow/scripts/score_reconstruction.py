"""Score the reconstructions and latents of all networks of a study."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.reconstruction.scoring import score_reconstruction
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_csv, write_table, write_text
from armed_study.report import published, tables

params, output = snakemake.params, snakemake.output
paper = published.published_scores(snakemake.wildcards.study, params.published)
given = read_inputs(dict(snakemake.input.items()))
scored = score_reconstruction(given, paper, rows=params.rows, seed=params.seed)
for name, table in scored.tables.items():
    write_table(table, output[name], name)
for name, (numbers, page) in scored.pages.items():
    write_csv(numbers, output[name])
    write_text(tables.to_html(page, title=params.title), output[f"{name}_html"])
