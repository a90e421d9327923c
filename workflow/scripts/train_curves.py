"""Train models on parts of the training samples of a study's folds, for its learning curves."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.io.tables import write_table
from armed_study.training import load
from armed_study.training.curves.training import train_curves

files, params, output = snakemake.input, snakemake.params, snakemake.output
study = load.read_study(files, scatteritem="1-of-1", **params.replicas)
asked = {
    "settings": params.settings["learning_curves"],
    "membership": params.settings["membership"],
}
predictions, points = train_curves(study, **asked, models=params.models)
write_table(predictions, output.predictions, "predictions")
write_table(points, output.points, "curve_points")
