"""What is said of kinds of outcome fits together."""

import pytest

from armed_study.vocabulary.labels import order_metrics
from armed_study.vocabulary.outcomes import KINDS, METRICS, Outcome


@pytest.mark.parametrize("kind", KINDS)
def test_metrics_that_are_shown_and_compared_are_computed_and_named(kind: str) -> None:
    about = KINDS[kind]
    assert {*about.shown, *about.compared} <= set(about.metrics) <= set(METRICS)
    assert len(about.shown) > 2
    # Metrics without a name of their own come last, by the alphabet.
    assert order_metrics([*about.metrics, "a_metric"])[-1] == "a_metric"


def test_losses_are_better_when_they_are_less() -> None:
    less = {name for name, metric in METRICS.items() if metric.less_is_better}
    assert less == {"brier", "ece", "log_loss", "rmse", "mae", "poisson_deviance"}


def test_classes_are_ranked_one_by_one_and_numbers_not() -> None:
    assert Outcome("categorical", ("a", "b", "c")).ranked == (0, 1, 2)
    assert Outcome().ranked == (1,)
    assert Outcome("count").ranked == ()
