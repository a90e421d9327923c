"""Score the attribution of all networks of a study against the truth."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.attribution.scoring import score_attribution
from armed_study.io.image_arrays import open_images
from armed_study.io.tables import read_table, write_table

scores = score_attribution(
    read_table(snakemake.input.attribution, "attribution"),
    read_table(snakemake.input.samples, "samples"),
    open_images(snakemake.input.images),
    open_images(snakemake.input.maps),
    threshold=snakemake.params.settings["interpretation"]["threshold"],
)
write_table(scores, snakemake.output.scores, "attribution_scores")
