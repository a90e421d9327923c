"""Tables of a few samples, for tests of what a data set is."""

import pandas as pd


def samples_of(clusters, outcome, **columns):
    """Samples s0, s1 ... of clusters named by letters: no groups, nothing held out, and more columns."""
    return pd.DataFrame(
        {
            "sample": [f"s{i}" for i in range(len(clusters))],
            "cluster": list(clusters),
            "group": pd.Series([None] * len(clusters), dtype=object),
            "outcome": outcome,
            "held_out": False,
            **columns,
        }
    )
