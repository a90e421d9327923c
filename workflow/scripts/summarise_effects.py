"""Summarise what models learned of features and clusters."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.effects import clusters, importance, ranked
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_table

given, output = read_inputs(dict(snakemake.input.items())), snakemake.output
outcome = ClusteredDataset.load(snakemake.input.samples).outcome
made = {"feature_importance": importance.collect_importance(given.pop("importance"))}
made["cluster_effects"] = clusters.collect_clusters(**given, outcome=outcome)
made["ranked_effects"] = ranked.rank_intercepts(given["random_effects"])
del given["cluster_truth"]
made["learned_intercepts"] = clusters.learned_intercepts(**given)
for name, table in made.items():
    write_table(table, output[name], name)
