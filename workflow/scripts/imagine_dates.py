"""Reconstruct the chosen frames under the random effects of every seen date."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study import problems
from armed_study.counterfactuals.imagining import imagine_dates
from armed_study.image_files import save_images
from armed_study.state_files import read_state
from armed_study.tables import read_table, write_table

files, params = snakemake.input, snakemake.params
about = {"seeds": params.seeds, "config_seed": params.config_seed, **params.standardize}
problem = problems.read_problem(files, scatteritem=snakemake.wildcards.scatteritem, **about)
chosen = read_table(files.chosen, "chosen_frames")
model = {"model": snakemake.wildcards.model, "method": params.method, "settings": params.settings}
table, images = imagine_dates(problem, read_state(files.model), chosen, **model)
save_images(snakemake.output.images, images)
write_table(table, snakemake.output.table, "imagined")
