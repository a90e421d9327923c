"""Select the samples whose predictions are attributed, or the frames that are transferred to other dates."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from armed_study.io.inputs import read_inputs
from armed_study.io.tables import write_table
from armed_study.splits import selection

select = {"attributed": selection.select_samples, "selected_frames": selection.select_frames}
name = Path(snakemake.output[0]).stem
given = read_inputs(dict(snakemake.input.items()))
selected = select[name](**given, count=snakemake.params.most, seed=snakemake.params.seed)
write_table(selected, snakemake.output[0], name)
