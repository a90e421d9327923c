"""HTML tables: what is written, how numbers read, which rows the performance table holds."""

import numpy as np
import pandas as pd
import pytest

from armed_study.report.published import published_scores
from armed_study.report.tables import (
    MOST_BYTES,
    fold_intervals,
    performance_table,
    to_html,
    to_page,
)


@pytest.fixture
def summary() -> pd.DataFrame:
    rows = [
        ("conventional", "test", "none", "fixed", "accuracy", 0.7601),
        ("conventional", "unseen", "none", "fixed", "accuracy", 0.7),
        ("armed", "test", "known", "mixed", "accuracy", 0.7781),
        ("armed", "test", "known", "fixed", "accuracy", 0.1),
        ("armed", "test", "random", "mixed", "accuracy", 0.2),
        ("armed", "unseen", "membership", "mixed", "accuracy", 0.72),
        ("armed", "unseen", "zero", "mixed", "accuracy", 0.3),
        ("armed", "test", "known", "mixed", "auroc", 0.85),
        ("armed_randomized_z", "test", "random", "mixed", "accuracy", 0.5),
    ]
    columns = ["model", "partition", "assignment", "effect", "metric", "mean"]
    frame = pd.DataFrame(rows, columns=columns).assign(study="spirals_plain", interval="t")
    return frame.assign(median=frame["mean"], low=frame["mean"] - 0.01, high=frame["mean"] + 0.01)


def test_interval_is_folded_into_the_mean() -> None:
    frame = pd.DataFrame({"model": ["armed"], "mean": 0.5, "low": 0.4, "high": 0.6, "folds": 10})
    folded = fold_intervals(frame)
    assert folded.columns.tolist() == ["model", "mean (interval)", "folds"]
    assert folded["mean (interval)"].tolist() == ["0.500 (0.400 to 0.600)"]


def test_performance_has_one_row_per_model_and_partition(summary: pd.DataFrame) -> None:
    table = performance_table(summary, published_scores("none"))
    assert list(zip(table["partition"].str.split().str[0], table["model"], strict=True)) == [
        ("Seen", "conventional"), ("Seen", "armed"), ("Seen", "armed_randomized_z"),
        ("Unseen", "conventional"), ("Unseen", "armed"),
    ]  # fmt: skip
    assert table["Accuracy"].tolist()[1] == "0.778 (0.768 to 0.788)"
    assert table["Accuracy"].tolist()[4] == "0.720 (0.710 to 0.730)"
    assert "Accuracy, published" not in table


def test_published_values_stand_beside_those_of_their_study_and_partition_alone(
    summary: pd.DataFrame,
) -> None:
    published = published_scores("spirals_plain")
    table = performance_table(summary, published).set_index(["partition", "model"])
    column = table["Accuracy, published"]
    assert column["Seen clusters (test)", "armed"] == "0.788 (0.780 to 0.796)"
    assert pd.isna(column["Unseen clusters", "armed"])
    assert "AUROC, published" not in table
    other = performance_table(summary.assign(study="contraception"), published)
    assert not [name for name in other if "published" in name]


def test_published_models_that_are_none_of_ours_have_rows_of_their_own(
    summary: pd.DataFrame,
) -> None:
    own = summary.replace(
        {"study": {"spirals_plain": "heart_disease"}, "model": {"armed": "logistic"}}
    )
    table = performance_table(own, published_scores("heart_disease")).set_index("model")
    ours = table[table["partition"].str.startswith("Seen")].loc["logistic"]
    assert ours["Accuracy, published"] == "0.823"
    others = table[table["Accuracy"].isna()]
    assert sorted(others["Accuracy, published"]) == ["0.449", "0.575", "0.619", "0.701", "0.752"]
    assert others["partition"].unique().tolist() == ["Seen clusters (test)"]


def test_page_is_escaped_labelled_and_needs_no_network() -> None:
    frame = pd.DataFrame({
        "model": ["armed_no_adversary"], "metric": ["auroc_within"], "p_holm": [2e-9],
        "note": ["<b>&"], "probe": [True], "seed": [np.int64(7)],
    })  # fmt: skip
    page = to_html(frame, title="A < B", caption="n & m")
    expected = (
        "ARMED, no adversary", "Within-cluster AUROC", "&lt; 0.001", "&lt;b&gt;&amp;", "yes",
        "A &lt; B", "n &amp; m", "p (Holm)", 'class="number">7<', 'data-key="2e-09">&lt; 0.001',
    )  # fmt: skip
    assert [text for text in expected if text not in page] == []
    assert "http" not in page
    assert "<b>" not in page


def test_page_of_a_long_table_stays_small_and_says_what_it_omits() -> None:
    frame = pd.DataFrame({f"column_{n}": np.linspace(0, 1, 20_000) for n in range(10)})
    page = to_html(frame, title="x", caption="Rows.")
    shown = page.count("<tr><td")
    assert 1_400_000 < len(page.encode()) <= MOST_BYTES
    assert f"Rows. The first {shown:,} of 20,000 rows; all are in the CSV" in page
    assert "The first" not in to_html(frame.head(100), title="x")


def test_missing_cells_empty_tables_and_versions_are_pages_too() -> None:
    def page(**columns: list[object]) -> str:
        return to_html(pd.DataFrame(columns), title="x")

    assert "–" in page(mean=[np.nan, 0.5])
    assert '<td class="number" data-key="">–' in page(a=["–", "0.5"])
    assert ">9<" in page(df=[9.0, np.nan])
    assert "<tbody>" in page(mean=[])
    assert 'class="number"' not in page(version=["3.11.2", "2.0.1"])


def test_published_values_are_the_papers_and_found_by_another_name() -> None:
    table = published_scores("spirals_plain").set_index("model")
    assert table.loc["armed", ["value", "low", "high"]].tolist() == [0.7878, 0.7797, 0.7959]
    assert (table["low"] < table["value"]).all()
    assert (table["value"] < table["high"]).all()
    assert published_scores("contraception").empty
    table = published_scores("mine", of="mci")
    assert set(table["study"]) == {"mine"}
    row = table[(table["model"] == "armed") & (table["partition"] == "unseen")]
    assert row.set_index("metric").loc["balanced_accuracy", "value"] == 0.756


def test_page_holds_each_table_under_its_name() -> None:
    tables = {"One & all": pd.DataFrame({"a": [1]}), "Two": pd.DataFrame({"b": ["x", "y"]})}
    page = to_page(tables, title="Both", caption="What they are.")
    assert page.index("<h2>One &amp; all</h2>") < page.index("<h2>Two</h2>")
    assert page.count("<table>") == page.count("</table>") == 2
    assert page.count("<tr>") == 2 + 3
    assert "<p>What they are.</p>" in page
