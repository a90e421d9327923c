"""Set the learned random effects of a study against what they should be."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.interpretation.effects import validation
from armed_study.io.tables import read_table, write_csv, write_table, write_text
from armed_study.report.tables import to_html

files, output = snakemake.input, snakemake.output
names = ("univariate", "cluster_truth", "splits", "random_effects")
known = {name: read_table(files[name], name) for name in names}
compared = validation.validate_effects(ClusteredDataset.load(files.samples), **known)
found = validation.recovery(compared)
write_table(compared, output.effect_validation, "effect_validation")
write_table(found, output.effect_recovery, "effect_recovery")
write_csv(found.drop(columns=["slope", "start"]), output.table)
write_text(to_html(validation.readable(found), title=snakemake.params.title), output.html)
