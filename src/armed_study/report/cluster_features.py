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


def cluster_features_page(
    table: pd.DataFrame, adversarial: Collection[str]
) -> tuple[pd.DataFrame, str]:
    """Return the page of table ``cluster_in_features``, and what it says of adversaries in a sentence.

    A model with an adversary, one of ``adversarial``, hides the cluster if the interval of what its features
    tell a linear classifier beyond the outcome reaches 0.
    """
    if table.empty:
        return pd.DataFrame(), "There are not two clusters of three training samples or more each."
    keys = ["features", "model", "classifier"]
    rows: list[dict[str, Any]] = []
    hides: dict[str, bool] = {}
    text = table.astype(dict.fromkeys((*keys, "metric"), str))
    key: Any
    for key, part in text.groupby(keys, sort=False):
        features, model, classifier = key
        by: dict[str, Any] = dict(zip(part["metric"], part.itertuples(), strict=True))
        cells = {name: interval_text(row.value, row.low, row.high) for name, row in by.items()}
        row = {"features": model_label(model) if features == "hidden" else "Input"}
        row |= {"classifier": classifier, "cross-entropy, nats": cells["cross_entropy"]}
        row |= {"of a guess": by["cross_entropy"].chance}
        row |= {"log K": by["cross_entropy"].log_clusters}
        row |= {name: cells.get(metric, NONE) for metric, name in _NATS.items()}
        row |= {"accuracy": cells["accuracy"], "of a guess ": by["accuracy"].chance}
        if model in adversarial and "information_given_outcome" in by:
            hides[model] = bool(by["information_given_outcome"].low <= 0)
        rows.append(row | {_ADVERSARY: model})
    page = pd.DataFrame(rows)
    said = {True: "cluster hidden", False: "cluster not hidden"}
    page[_ADVERSARY] = page[_ADVERSARY].map({model: said[is_so] for model, is_so in hides.items()})
    return page, _sentence(hides)


def _sentence(hides: dict[str, bool]) -> str:
    """Say which adversaries do their work."""
    lists = {
        is_so: ", ".join(model_label(m) for m, own in hides.items() if own is is_so)
        for is_so in (True, False)
    }
    parts = (
        f"The adversary does its work in: {lists[True] or 'no model'}.",
        f"Features still tell the cluster in: {lists[False] or 'no model'}.",
    )
    return " ".join(parts) if hides else "No model of this study has an adversary."
