"""What jobs cost, as Snakemake measured it."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd


def read_benchmarks(paths: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Read benchmark files ``.../<rule>/<job>.tsv``, by ``rule/job``.

    The rule is the first folder below the one that all files share.
    """
    files = [Path(path) for path in paths]
    shared = 0
    while (
        len({path.parts[: shared + 1] for path in files}) == 1 and shared < len(files[0].parts) - 2
    ):
        shared += 1
    return {
        "/".join(path.with_suffix("").parts[shared:]): pd.read_csv(path, sep="\t") for path in files
    }
