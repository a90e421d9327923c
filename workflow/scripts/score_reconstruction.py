"""Score the reconstructions and latents of all networks of a study."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.reconstruction.scoring import score_reconstruction
from armed_study.io.tables import read_table, write_csv, write_table, write_text
from armed_study.report import tables as html_tables
from armed_study.report.published import published_scores

files, params, output = snakemake.input, snakemake.params, snakemake.output
names = ("samples", "frames", "reconstruction", "predictions", "latents")
tables = {name: read_table(files[name], name) for name in names}
published = published_scores(snakemake.wildcards.study, params.published)
scored = score_reconstruction(tables, published, rows=params.rows, seed=params.seed)
write_table(scored.summary, output.reconstruction_summary, "reconstruction_summary")
write_table(scored.scores, output.latent_scores, "latent_scores")
write_table(scored.distances, output.latent_distances, "latent_distances")
title = f"{params.title} ({params.origin})"
for name, table in scored.pages.items():
    write_csv(table.numbers, output[name])
    write_text(html_tables.to_html(table.page, title=title), output[f"{name}_html"])
