"""What hidden features tell of the cluster, as readers get it: a row for each model and classifier."""

from collections.abc import Collection
from typing import Any

import pandas as pd

from armed_study.vocabulary.formatting import NONE, interval_text
from armed_study.vocabulary.labels import model_label

_NATS = {
    "information": "told of the cluster, nats",
    "information_given_outcome": "told beyond the outcome, nats",
}
_ADVERSARY = "adversary"
_HIDDEN, _TOLD, _OPEN = "cluster hidden", "cluster not hidden", "undecided"

MARGIN = 0.05
"""Share of log K up to which what features tell of the cluster counts as nothing."""


def cluster_features_page(
    table: pd.DataFrame, adversarial: Collection[str]
) -> tuple[pd.DataFrame, str]:
    """Return the page of table ``cluster_in_features``, and what it says of adversaries in a sentence.

    A model with an adversary, one of ``adversarial``, hides the cluster if the interval of what its features
    tell a linear classifier beyond the outcome ends below `MARGIN` of log K; it does not if that
    begins above 0. A wide interval says neither.
    """
    if table.empty:
        return pd.DataFrame(), "There are not two clusters of three training samples or more each."
    keys = ["features", "model", "classifier"]
    rows: list[dict[str, Any]] = []
    found: dict[str, str] = {}
    text = table.astype(dict.fromkeys((*keys, "metric"), str))
    key: Any
    for key, part in text.groupby(keys, sort=False):
        features, model, classifier = key
        by: dict[str, Any] = dict(zip(part["metric"], part.itertuples(), strict=True))
        cells = {name: interval_text(row.value, row.low, row.high) for name, row in by.items()}
        row = {"features": model_label(model) if features == "hidden" else "Input"}
        row |= {"classifier": classifier, "cross-entropy, nats": cells["cross_entropy"]}
        row |= {"cross-entropy of a guess": by["cross_entropy"].chance}
        row |= {"log K": by["cross_entropy"].log_clusters}
        row |= {name: cells.get(metric, NONE) for metric, name in _NATS.items()}
        row |= {"accuracy": cells["accuracy"], "accuracy of a guess": by["accuracy"].chance}
        if model in adversarial and "information_given_outcome" in by:
            found[model] = _verdict(by["information_given_outcome"])
        rows.append(row | {_ADVERSARY: model})
    page = pd.DataFrame(rows)
    page[_ADVERSARY] = page[_ADVERSARY].map(found)
    return page, _sentence(found)


def _verdict(told: Any) -> str:
    """Say whether features hide the cluster, by a row of the table."""
    if told.high <= MARGIN * told.log_clusters:
        return _HIDDEN
    return _TOLD if told.low > 0 else _OPEN


def _sentence(found: dict[str, str]) -> str:
    """Say which adversaries do their work."""
    lists = [
        f"{verdict} in {', '.join(model_label(m) for m in found if found[m] == verdict)}"
        for verdict in (_HIDDEN, _TOLD, _OPEN)
        if verdict in found.values()
    ]
    return (
        f"Adversaries: {'; '.join(lists)}." if found else "No model of this study has an adversary."
    )
