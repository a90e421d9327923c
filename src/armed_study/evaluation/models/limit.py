"""How far models are from what can be reached: the share of the way from chance to the oracles."""

from __future__ import annotations

import pandas as pd

from armed_study.evaluation.models.pairs import Pairs
from armed_study.io.schemas import TABLES
from armed_study.io.tables import cast_table
from armed_study.vocabulary.terms import ORACLES

METRICS = ("auroc", "auroc_within")
CHANCE = 0.5


def share_of_oracle(pairs: Pairs) -> pd.DataFrame:
    """Give for every model, by what it is reported by, its share of each oracle's AUROC above chance.

    Table `limit`, pooled and within clusters, on seen and on unseen clusters; the oracle that does not
    know the cluster stands among the models. Without rows where the truth is not known.
    """
    lines = []
    for (partition, model), output in pairs.reported.items():
        for name in ORACLES:
            oracle = pairs.reported.get((partition, name))
            if oracle is None or model in (name, ORACLES[0]):
                continue
            for metric in METRICS:
                share = pairs.share(metric, output, oracle, chance=CHANCE)
                lines.append((pairs.study, *output, metric, name, *share))
    return cast_table(pd.DataFrame(lines, columns=TABLES["limit"].names), "limit")
