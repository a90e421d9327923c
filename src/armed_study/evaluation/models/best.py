"""The best models of a study against its linear one, by the output that each is reported by."""

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from armed_study.evaluation.models.comparisons import compare
from armed_study.evaluation.models.pairs import DRAWS, Pairs
from armed_study.evaluation.scores import Scored
from armed_study.io.schemas import TABLES
from armed_study.io.tables import cast_table
from armed_study.vocabulary.outcomes import BINARY, Outcome
from armed_study.vocabulary.reported import reported
from armed_study.vocabulary.terms import ORACLES, REGRESSIONS

METHOD, NETWORK = "method", "network with clusters"


def best_models(
    scored: Scored,
    splits: pd.DataFrame,
    networks: Collection[str],
    *,
    metric: str,
    seed: int,
    outcome: Outcome = BINARY,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Test the best models against the first of `REGRESSIONS` that there is: table `best`.

    On seen and on unseen clusters the best of all methods, and of the networks that use clusters, are
    those of the largest mean, each as it is reported. As the best is chosen by the scores that it is
    tested by, the test flatters it.

    Parameters
    ----------
    networks
        Models that are networks.
    metric
        By which they are the best; the larger the better.
    seed, outcome, draws
        See `pairs.Pairs`.

    Returns
    -------
    pd.DataFrame
        No rows where the study has no such regression.
    """
    shown = reported(scored.table[scored.table["metric"] == metric])
    shown = shown[~shown["model"].isin(ORACLES) & (shown["assignment"] != "random")]
    linear = next((name for name in REGRESSIONS if name in set(shown["model"])), None)
    parts = []
    for partition, rows in shown[shown["model"] != linear].groupby("partition", sort=True):
        knows = rows["model"].isin(networks) & (rows["assignment"] != "none")
        for best, own in ((METHOD, rows), (NETWORK, rows[knows])):
            if linear is None or own.empty:
                continue
            pair = [linear, own.groupby("model")["value"].mean().idxmax()]
            kept = scored.table["model"].isin(pair) & (scored.table["partition"] == partition)
            tested = compare(
                Pairs(
                    replace(scored, table=scored.table[kept]), splits,
                    seed=seed, outcome=outcome, draws=draws,
                ), reference=linear,
            )  # fmt: skip
            parts.append(tested[tested["metric"] == metric].assign(best=best))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return cast_table(found.reindex(columns=TABLES["best"].names), "best")
