"""Pack results, configuration and workflow of a run as a Workflow Run RO-Crate."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path
from tempfile import TemporaryDirectory

from armed_study.io.atomic import replacing
from armed_study.report.crate import code, run_crate
from armed_study.report.run_record import ROOT

output = Path(snakemake.output.crate)
with TemporaryDirectory() as folder, replacing(output) as part:
    tree = code.copy(ROOT, Path(folder))
    made = run_crate.make(snakemake.input, tree=tree, root=output.parent, **snakemake.params.about)
    made.write_zip(part)
