"""Who predicts best, and from whom it can be told: sentences by the tables of scores and of tests."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from armed_study.report.paper.lookups import Lookups
from armed_study.report.paper.phrases import listed, relation
from armed_study.vocabulary.formatting import interval_text, number_text
from armed_study.vocabulary.labels import metric_label, model_label, model_name
from armed_study.vocabulary.outcomes import METRICS
from armed_study.vocabulary.terms import ORACLES

_WHERE = {"test": "on seen clusters", "unseen": "on unseen clusters"}
_NAMED = 6  # models that a sentence lists


@dataclass(frozen=True)
class Standing:
    """Models of one partition by one metric, the best first."""

    look: Lookups
    partition: str
    metric: str
    scores: pd.DataFrame

    def score(self, model: str) -> str:
        """Score of a model with its interval."""
        row: Any = self.scores.loc[model]
        return interval_text(row["value"], row["low"], row["high"])

    @property
    def name(self) -> str:
        """The metric within a sentence."""
        return metric_name(self.metric)

    def gain(self, model: str) -> tuple[float, float, float] | None:
        """Score of the reference less that of a model, with its interval."""
        where = {"partition": self.partition, "metric": self.metric, "model": model}
        if not self.look.has("comparisons", **where):
            return None
        middle, low, high = self.look.ends("comparisons", "difference", **where)
        return -middle, -high, -low


def metric_name(metric: str) -> str:
    """Return the name of a metric within a sentence: `AUROC`, `log loss`."""
    label = metric_label(metric)
    return label if label[:2].isupper() else f"{label[:1].lower()}{label[1:]}"


def standing(look: Lookups, partition: str, metric: str = "") -> Standing | None:
    """Rank the models of the study at hand; None where none was scored.

    Parameters
    ----------
    look
        Tables, of which `performance` and `comparisons` are read.
    partition
        `test` or `unseen`.
    metric
        The first one of the table of scores, if left out.
    """
    scores = look.rows("performance", partition=partition)
    if scores.empty:
        return None
    metric = metric or str(scores["metric"].iloc[0])
    own = scores[(scores["metric"] == metric) & ~scores["model"].isin(ORACLES)]
    own = own[own["value"].notna()].set_index("model")
    less = metric in METRICS and METRICS[metric].less_is_better
    ranked = own.sort_values("value", ascending=less, kind="stable")
    return Standing(look, partition, metric, ranked) if len(ranked) else None


def leader(look: Lookups, partition: str, metric: str = "") -> str:
    """Say who is best and by how much, with the interval of a test against the reference model."""
    found = standing(look, partition, metric)
    if found is None:
        return ""
    best, reference = str(found.scores.index[0]), look.reference
    said = f"{_WHERE[partition]} {model_name(best)} has the best {found.name}, {found.score(best)}"
    said = said[:1].upper() + said[1:]
    if reference not in found.scores.index or len(found.scores) < 2:
        return f"{said}."
    other = str(found.scores.index[1]) if best == reference else best
    shown = other if best == reference else reference
    said += f"; {model_name(shown)} has {found.score(shown)}"
    gain = found.gain(other)
    if gain is None:
        return f"{said}."
    return (
        f"{said}. {model_name(reference)} less {model_name(other)} is {interval_text(*gain)}, "
        f"which {relation(*gain[1:])} zero."
    )


def told_apart(look: Lookups, partition: str, metric: str = "") -> str:
    """Say which models the reference is above, below, and cannot be told from."""
    found = standing(look, partition, metric)
    if found is None or not look.reference:
        return ""
    groups: dict[str, list[str]] = {}
    for model in map(str, found.scores.index):
        gain = None if model == look.reference else found.gain(model)
        if gain is not None:
            how, size = relation(*gain[1:]), f" (by {number_text(abs(gain[0]))})"
            told = model_name(model) + size * (gain[1] > 0 or gain[2] < 0)
            groups.setdefault(how, []).append(told)
    parts = [f"{how} {listed(names, _NAMED)}" for how, names in groups.items()]
    if not parts:
        return ""
    start = f"By {found.name}, {_WHERE[partition]} {model_name(look.reference)}"
    return f"{start} {'; it '.join(parts)}."


def score_table(look: Lookups) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the table of performance: models by two metrics on seen and unseen clusters."""
    scores = look.rows("performance")
    metrics = list(dict.fromkeys(scores["metric"]))[:2]
    shown = [
        (m, p) for m in metrics for p in _WHERE if look.has("performance", metric=m, partition=p)
    ]
    head = ["Model", *(f"{metric_label(m)}, {_WHERE[p].removeprefix('on ')}" for m, p in shown)]
    cells: dict[str, list[str]] = {}
    first: Any = standing(look, shown[0][1], metrics[0]) if shown else None
    known = list(first.scores.index) if first else []
    models = [*known, *(m for m in dict.fromkeys(scores["model"]) if m not in known)]
    for model in models:
        cells[model] = [model_label(model)]
        for metric, partition in shown:
            where = {"model": model, "metric": metric, "partition": partition}
            there = look.has("performance", **where)
            cells[model].append(look.interval("performance", **where) if there else "–")
    return head, list(cells.values())
