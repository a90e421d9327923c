"""Tests between models: over the same folds, and over the same draws of unseen clusters."""

from __future__ import annotations

import pandas as pd

from armed.errors import ConfigError
from armed_study.evaluation.models.pairs import Pairs, adjusted
from armed_study.io.schemas import TABLES
from armed_study.messages import listing, suggestion


def compare(pairs: Pairs, *, reference: str) -> pd.DataFrame:
    """Test every model against the reference, on seen and unseen clusters.

    Each model by the effect and assignment that it is reported by. `difference` is model less
    reference, mean over the folds that both have; column `test` says which test it is
    (`pairs.Pairs.difference`). All tests of the table are one family, for which `p_holm` is
    adjusted; `family` says so, with their number. The oracles are left aside: they are a limit, not
    competitors.

    Raises
    ------
    ConfigError
        The reference is not among the models.
    """
    outputs = pairs.reported
    models = sorted({model for _, model in outputs})
    if reference not in models:
        raise ConfigError(
            f"reference model '{reference}'{suggestion(reference, models)} has no "
            f"scores; take one of {listing(models)}"
        )
    lines = []
    for (partition, model), output in outputs.items():
        against = outputs.get((partition, reference))
        if model == reference or against is None:
            continue
        for metric in pairs.metrics:
            test, name = pairs.difference(metric, output, against)
            lines.append((pairs.study, partition, metric, model, reference, *test, name))
    found = pd.DataFrame(lines, columns=TABLES["comparisons"].names[:-2])
    order = {metric: i for i, metric in enumerate(pairs.metrics)}
    found = found.sort_values(
        ["partition", "metric"],
        ignore_index=True,
        kind="stable",
        key=lambda column: column.map(order) if column.name == "metric" else column,
    )
    return adjusted(found)
