"""Judge claims by the tables of the studies."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.evaluation.claims.verdicts import judge, read_tables
from armed_study.io.tables import write_csv
from armed_study.report.published import published_scores

claims = snakemake.params.claims
published = {
    claim["study"]: published_scores(claim["study"], claim["published"]) for claim in claims
}
table = judge(claims, read_tables(snakemake.input), published)
write_csv(table, snakemake.output.table)
