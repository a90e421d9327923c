"""The tables of a study that readers get."""

import pandas as pd
import pytest

import study_tables as known
from armed_study.io.tables import empty_table
from armed_study.report.published import published_scores
from armed_study.report.study_tables import behind, collect


@pytest.mark.parametrize("balanced", [True, False])
def test_only_balanced_folds_have_the_caption_of_permuted_outcomes(balanced: bool) -> None:
    study = known.spirals()
    null = pd.DataFrame([{"mean": 0.57, "low": 0.53, "high": 0.61, "permutations": 9}])
    made = collect(
        study.summary, pd.DataFrame({"model": ["armed"]}), pd.DataFrame(), study.random_effects,
        empty_table("variance_components"),
        null if balanced else None, metrics=("accuracy",), networks=("armed",),
        published=published_scores("none"),
    )  # fmt: skip
    assert list(made) == [
        "performance", "comparisons", "decomposition", "random_effects", "variance_components", "icc_r2",
    ]  # fmt: skip
    assert ("0.570 (0.530 to 0.610)" in made["performance"][1]) == balanced
    none = "No model of this study estimates a variance."
    assert [caption for _, caption in made.values()][1:] == ["", "", "", none, none]
    assert "Accuracy" in made["performance"][0]
    assert "AUROC" not in made["performance"][0]
    again = collect(
        study.summary, pd.DataFrame(), pd.DataFrame(), study.random_effects,
        empty_table("variance_components"), None, metrics=("auroc",), networks=(),
        published=published_scores(study.summary["study"].iloc[0], "heart_disease"),
    )  # fmt: skip
    assert "Accuracy" in again["performance"][0]  # as it is what was published
    assert set(made["random_effects"][0]["model"]) == {"armed", "lmmnn"}


def test_networks_below_the_linear_model_of_images_are_named_with_their_scores() -> None:
    kinds = [("pca_ridge", 0.75), ("armed", 0.745), ("menet", 0.73), ("prevalence", 0.5)]
    rows = [
        {"model": model, "partition": partition, "assignment": "none", "effect": "fixed",
         "metric": "auroc", "mean": mean - 0.01 * (partition == "test")}
        for model, mean in kinds for partition in ("test", "unseen")
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    seen, unseen = behind(table, ["armed", "menet"], "auroc")
    assert unseen == (
        "Unseen clusters: less AUROC than Principal components (0.750) by more than 0.01 have the "
        "networks MeNet (0.730)."
    )
    assert "(0.740)" in seen
    assert behind(table, ["armed"], "auroc") == []
    assert behind(table[table["model"] != "pca_ridge"], ["armed", "menet"], "auroc") == []
    other = behind(table.replace("pca_ridge", "ridge"), ["armed", "menet"], "auroc")
    assert "than Ridge regression (0.750)" in other[1]
