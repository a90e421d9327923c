"""Draw one cell as on every date."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.figures import style
from armed_study.figures.reconstruction import dates
from armed_study.interpretation.counterfactuals.index import read_arrays
from armed_study.io.tables import read_table, write_csv

files, dataset = snakemake.input, ClusteredDataset.load(snakemake.input.samples)
arrays, tables = read_arrays(files)
chosen = read_table(files.chosen, "chosen_frames")
table = dates.table(tables, chosen, dataset.samples, arrays)
about = {"origin": dataset.origin, "generated": dataset.generated}
figure = dates.draw(table, arrays, title=snakemake.params.title, **about)
write_csv(table, snakemake.output.table)
style.save(figure, snakemake.output.svg, snakemake.output.png)
