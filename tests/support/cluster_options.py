"""How Snakemake is to use the Slurm of the tests."""

# Of this cluster: no accounting, one disk, jobs of seconds.
OURS = (
    "--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "2",
    "--latency-wait", "10", "--set-scatter", "folds=2", "scans=2", "frames=2",
    "--conda-not-block-search-path-envvars",  # so that jobs can be made to fail
)  # fmt: skip
BATCHED = (
    "--groups", "train_model=training", "infer_membership=training",
    "--group-components", "training=12", "results=8",
)  # fmt: skip
