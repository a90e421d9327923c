"""List the pictures of frames, reconstructions and renderings, with their differences."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.counterfactuals.index import read_arrays
from armed_study.interpretation.counterfactuals.pictures import list_dates, list_reconstructions
from armed_study.io.tables import read_table, write_table

files, output = snakemake.input, snakemake.output
arrays, tables = read_arrays(files)
known = read_table(files.chosen, "selected_frames"), read_table(files.samples, "samples")
pairs = list_reconstructions(tables["counterfactuals"], *known, arrays)
write_table(pairs, output.shown_reconstructions, "shown_reconstructions")
write_table(list_dates(tables, *known, arrays), output.shown_dates, "shown_dates")
