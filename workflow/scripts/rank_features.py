"""Rank the features of each model by importance, and its probes among them."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.effects.importance import rank_features, rank_probes
from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_csv, write_table

given, output = read_inputs(dict(snakemake.input.items())), snakemake.output
probes = rank_probes(given["importance"])
write_table(rank_features(**given), output.ranked_importance, "ranked_importance")
write_table(probes, output.probe_ranks, "probe_ranks")
write_csv(probes, output.table)
