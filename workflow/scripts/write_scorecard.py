"""Write the scorecard, its figure, and what the first page of the report says of it."""

from pathlib import Path

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.evaluation.claims.verdicts import read_claims
from armed_study.figures import style
from armed_study.figures.claims import forest
from armed_study.io.tables import write_text
from armed_study.report import scorecard

claims, output = read_claims(snakemake.input.table), snakemake.output
style.save(forest.named(claims), output.svg, output.png)
style.save(forest.overview(claims), output.overview_svg, output.overview_png)
picture = Path(output.overview_svg).read_bytes()
write_text(scorecard.page(claims, picture), output.html)
write_text(scorecard.first_lines(claims, picture), output.lines)
