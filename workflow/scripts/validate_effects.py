"""Set the learned random effects of a study against what they should be."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.effects.validation import validate_effects
from armed_study.io.tables import read_table, write_table

validated = validate_effects(
    ClusteredDataset.load(snakemake.input.samples),
    read_table(snakemake.input.splits, "splits"),
    read_table(snakemake.input.random_effects, "random_effects"),
    univariate=read_table(snakemake.input.univariate, "univariate"),
    cluster_truth=read_table(snakemake.input.cluster_truth, "cluster_truth"),
)
write_table(validated, snakemake.output.validation, "effect_validation")
