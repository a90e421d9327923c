"""The page of what hidden features tell says whether adversaries do their work."""

import pandas as pd

from armed_study.report.cluster_features import cluster_features_page
from armed_study.report.tables import to_html


def table(**ends):
    """What features of models tell beyond the outcome, from and to where; of the input much."""
    rows = []
    for model, (low, high) in {"": (0.5, 1.1), **ends}.items():
        about = {"features": "hidden" if model else "input", "model": model}
        about |= {"classifier": "logistic regression", "chance": 1.3, "log_clusters": 2.0}
        for metric in ("cross_entropy", "information", "information_given_outcome", "accuracy"):
            value = {"value": (low + high) / 2, "low": low, "high": high}
            rows.append(about | {"metric": metric, **value})
    return pd.DataFrame(rows)


def test_adversaries_are_named_by_whether_the_cluster_is_hidden():
    ends = {"armed": (0.01, 0.1), "domain_adversarial": (0.01, 0.11), "conventional": (-0.1, 0.1)}
    models = ["armed", "domain_adversarial", "armed_wide"]
    page, said = cluster_features_page(table(**ends, armed_wide=(-0.2, 1.4)), models)
    assert said == (
        "Adversaries: cluster hidden in ARMED; cluster not hidden in Domain adversarial; "
        "undecided in ARMED, wide."
    )
    assert page["adversary"].fillna("").tolist() == [
        "", "cluster hidden", "cluster not hidden", "", "undecided",
    ]  # fmt: skip
    assert page["features"].tolist()[:2] == ["Input", "ARMED"]
    assert page["told beyond the outcome, nats"][4] == "0.600 (−0.200 to 1.400)"


def test_verdicts_of_no_model_are_left_out():
    _, said = cluster_features_page(table(armed=(0.01, 0.1)), ["armed"])
    assert said == "Adversaries: cluster hidden in ARMED."


def test_a_study_without_an_adversary_says_so():
    page, said = cluster_features_page(table(conventional=(0.1, 0.2)), [])
    assert said == "No model of this study has an adversary."
    assert page["adversary"].isna().all()


def test_a_study_of_too_few_samples_has_a_page_that_says_so():
    page, said = cluster_features_page(table().iloc[:0], ["armed"])
    assert said.startswith("There are not two clusters")
    assert "<table>" in to_html(page, title="t", caption=said)
