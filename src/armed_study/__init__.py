"""The studies: data, splits, training of every method, evaluation and figures. Knows nothing of Snakemake."""
