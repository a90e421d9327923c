"""Score all models of a study."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.evaluation.models.study import evaluate
from armed_study.io.tables import read_table, write_table
from armed_study.report.published import published_scores

study, files, params = snakemake.wildcards.study, snakemake.input, snakemake.params
published = published_scores(study, params.published)
dataset = ClusteredDataset.load(files.samples)
known = {name: read_table(files[name], name) for name in ("truth", "splits")}
parts = [read_table(path, "predictions") for path in files.predictions]
asked = ("rows", "reference", "networks", "ablations", "metrics", "seed")
settings = {name: params[name] for name in asked}
for name, table in evaluate(parts, dataset, known, published, study=study, **settings).items():
    write_table(table, snakemake.output[name], name)
