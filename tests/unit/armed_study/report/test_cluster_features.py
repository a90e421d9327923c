"""The page of what hidden features tell says whether adversaries do their work."""

import pandas as pd

from armed_study.report.cluster_features import cluster_features_page
from armed_study.report.tables import to_html


def table(**low):
    """What features of models tell beyond the outcome, from `low` on; of the input much."""
    rows = []
    for model, least in {"": 0.5, **low}.items():
        about = {"features": "hidden" if model else "input", "model": model}
        about |= {"classifier": "logistic regression", "chance": 1.3, "log_clusters": 1.4}
        for metric in ("cross_entropy", "information", "information_given_outcome", "accuracy"):
            rows.append(about | {"metric": metric, "value": 0.9, "low": least, "high": 1.1})
    return pd.DataFrame(rows)


def test_adversaries_are_named_by_whether_the_cluster_is_hidden():
    page, said = cluster_features_page(
        table(armed=-0.1, domain_adversarial=0.2, conventional=-0.1),
        ["armed", "domain_adversarial"],
    )
    assert said == (
        "The adversary does its work in: ARMED. Features still tell the cluster in: Domain adversarial."
    )
    assert page["features"].tolist() == ["Input", "ARMED", "Domain adversarial", "Conventional"]
    assert page["adversary"].fillna("").tolist() == [
        "", "cluster hidden", "cluster not hidden", "",
    ]  # fmt: skip
    assert page["told beyond the outcome, nats"][1] == "0.900 (−0.100 to 1.100)"


def test_a_study_without_an_adversary_says_so():
    page, said = cluster_features_page(table(conventional=0.1), [])
    assert said == "No model of this study has an adversary."
    assert page["adversary"].isna().all()


def test_a_study_of_too_few_samples_has_a_page_that_says_so():
    page, said = cluster_features_page(table().iloc[:0], ["armed"])
    assert said.startswith("There are not two clusters")
    assert "<table>" in to_html(page, title="t", caption=said)
