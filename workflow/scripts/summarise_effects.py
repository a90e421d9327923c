"""Summarise what models learned of features and clusters."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.effects.clusters import collect_clusters, learned_intercepts
from armed_study.interpretation.effects.importance import collect_importance
from armed_study.interpretation.effects.ranked import rank_intercepts
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_table

given, output = read_inputs(dict(snakemake.input.items())), snakemake.output
importance = collect_importance(given.pop("importance"))
outcome = ClusteredDataset.load(snakemake.input.samples).outcome
clusters = collect_clusters(**given, outcome=outcome)
del given["cluster_truth"]
write_table(rank_intercepts(given["random_effects"]), output.ranked_effects, "ranked_effects")
write_table(learned_intercepts(**given), output.learned_intercepts, "learned_intercepts")
write_table(clusters, output.cluster_effects, "cluster_effects")
write_table(importance, output.feature_importance, "feature_importance")
