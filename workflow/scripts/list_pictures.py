"""List the pictures of frames, reconstructions and renderings, with their differences."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.interpretation.counterfactuals import pictures
from armed_study.interpretation.counterfactuals.index import read_arrays
from armed_study.io.image_arrays import save_images
from armed_study.io.tables import read_table, write_table

files, output = snakemake.input, snakemake.output
arrays, tables = read_arrays(files)
known = read_table(files.chosen, "selected_frames"), read_table(files.samples, "samples")
pairs = pictures.list_reconstructions(tables["counterfactuals"], *known, arrays)
write_table(pairs, output.shown_reconstructions, "shown_reconstructions")
write_table(pictures.list_dates(tables, *known, arrays), output.shown_dates, "shown_dates")
save_images(output.changes, pictures.changes(pairs, arrays))
