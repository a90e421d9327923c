"""Score imagined frames against the true renderings."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.counterfactuals.index import read_indexed
from armed_study.interpretation.counterfactuals.scoring import score_counterfactuals
from armed_study.io.image_arrays import open_images
from armed_study.io.tables import read_table, write_table

files = snakemake.input
scores = score_counterfactuals(
    read_indexed(files.imagined_tables, files.imagined, "imagined"),
    read_indexed([files.rendered_table], [files.rendered], "rendered"),
    read_table(files.samples, "samples"),
    open_images(files.images),
)
write_table(scores, snakemake.output.scores, "counterfactual_scores")
