"""Kinds of outcome: what a prediction of each is, and the metrics that belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class Metric:
    """Where the values of a metric lie, and whether less is better."""

    least: float = 0.0
    most: float = 1.0
    less_is_better: bool = False


_SHARE, _LOSS = Metric(), Metric(most=inf, less_is_better=True)
_ERROR_OF_SHARE, _EXPLAINED = Metric(less_is_better=True), Metric(least=-inf)
METRICS: Mapping[str, Metric] = {
    **dict.fromkeys(
        ("auroc", "auroc_within", "auprc", "accuracy", "balanced_accuracy", "sensitivity",
         "specificity", "ppv", "npv", "f1", "threshold", "bayes_agreement"), _SHARE),
    **dict.fromkeys(("brier", "ece"), _ERROR_OF_SHARE),
    **dict.fromkeys(("log_loss", "rmse", "mae", "poisson_deviance"), _LOSS),
    **dict.fromkeys(("r2", "r2_within", "d2", "d2_within"), _EXPLAINED),
    "correlation_within": Metric(least=-1.0),
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """What is said and computed of outcomes of one kind.

    Parameters
    ----------
    metrics
        All, in the order of tables.
    shown
        Those of the table of performance, the first two of which the figure shows, where the kind of study
        names no others. By the first one the null of a split is told.
    compared
        Those by which models are tested against each other.
    least, most
        Where predictions lie.
    prediction, values
        What a prediction and an outcome are, for messages.
    average, predictor
        The mean of outcomes and the scale of the linear predictor, for figures.
    """

    metrics: tuple[str, ...]
    shown: tuple[str, ...]
    compared: tuple[str, ...]
    least: float
    most: float
    prediction: str
    values: str
    average: str
    predictor: str


KINDS: Mapping[str, Kind] = {
    "binary": Kind(
        metrics=(
            "auroc", "auroc_within", "auprc", "accuracy", "balanced_accuracy", "sensitivity",
            "specificity", "ppv", "npv", "f1", "threshold", "brier", "ece", "log_loss",
            "bayes_agreement",
        ),
        shown=("auroc", "auroc_within", "balanced_accuracy"),
        compared=("auroc", "auroc_within", "balanced_accuracy", "accuracy"),
        least=0.0, most=1.0, prediction="probability", values="0 and 1",
        average="Share of outcome 1", predictor="logit",
    ),
    "continuous": Kind(
        metrics=("r2", "r2_within", "correlation_within", "rmse", "mae"),
        shown=("r2", "r2_within", "rmse"),
        compared=("r2", "r2_within", "rmse", "mae"),
        least=-inf, most=inf, prediction="finite number", values="finite numbers",
        average="Mean outcome", predictor="unit of the outcome",
    ),
    "count": Kind(
        metrics=("d2", "d2_within", "poisson_deviance", "rmse"),
        shown=("d2", "d2_within", "poisson_deviance"),
        compared=("d2", "d2_within", "poisson_deviance", "rmse"),
        least=0.0, most=inf, prediction="mean count", values="whole numbers from 0",
        average="Mean outcome", predictor="logarithm of the mean",
    ),
    "categorical": Kind(
        metrics=("auroc", "auroc_within", "accuracy", "balanced_accuracy", "brier", "log_loss"),
        shown=("auroc", "auroc_within", "balanced_accuracy"),
        compared=("auroc", "auroc_within", "balanced_accuracy", "accuracy", "log_loss"),
        least=0.0, most=1.0, prediction="probability", values="the numbers of its classes",
        average="Share of the class", predictor="logit",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """The outcome of a study.

    Parameters
    ----------
    kind
        One of `KINDS`.
    classes
        Of a categorical one, the names of its classes in the order of their numbers.
    """

    kind: str = "binary"
    classes: tuple[str, ...] = ()

    @property
    def about(self) -> Kind:
        """What is said and computed of its kind."""
        return KINDS[self.kind]

    @property
    def ranked(self) -> tuple[int, ...]:
        """Outcomes that scores tell from all others, one column of scores each; none of numbers."""
        return (1,) if self.kind == "binary" else tuple(range(len(self.classes)))


BINARY = Outcome()
