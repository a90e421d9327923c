"""The path of a user's table from its text to tables for readers, on real tables of each kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from armed_study.data.dataset import ClusteredDataset
from armed_study.evaluation.models.study import evaluate
from armed_study.io.tables import empty_table, write_csv
from armed_study.report import study_tables
from armed_study.report.published import published_scores
from armed_study.splits.make_splits import make_splits
from armed_study.studies.table.prepare import prepare, simulate
from armed_study.training import load, trainer
from armed_study.vocabulary.labels import metric_label
from armed_study.vocabulary.outcomes import KINDS
from small_tables import encoded_inputs

CONFIG = Path(__file__).parents[2] / "config" / "outcomes.yaml"
MODELS = {
    "language": ("linear_regression", "mixed_model", "prevalence"),
    "ticks": ("poisson_regression", "mixed_model", "prevalence"),
    "answers": ("multinomial_regression", "prevalence"),
}


def tables_of(name: str, folder: Path) -> tuple[ClusteredDataset, dict[str, pd.DataFrame]]:
    """Everything that a study with baselines alone makes, without the workflow."""
    block: dict[str, Any] = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["studies"][name]
    for file, frame in simulate(block["data"], seed=1).items():
        write_csv(frame, folder / file, digits=None)
    data = prepare(name, block["data"], {"table": folder / "table.csv"}).dataset
    data.save(folder / "samples.parquet")
    data = ClusteredDataset.load(folder / "samples.parquet")
    settings = {key: value for key, value in block["splits"].items() if key != "seeds"}
    splits = make_splits(data, **settings, seed=1)
    display = empty_table("display", [feature.name for feature in data.features])
    inputs = encoded_inputs(data, splits, display)
    numbers = tuple(sorted(splits["fold"].unique().tolist()))
    study = load.make_study(data, splits, display, inputs, folds=numbers, seeds=1, config_seed=1)
    trained = [trainer(model)(study, model=model, settings={}) for model in MODELS[name]]
    made = evaluate(
        [each.table("predictions") for each in trained], data,
        {"truth": empty_table("truth"), "splits": splits}, published_scores(name),
        study=name, rows={}, reference=MODELS[name][0], networks=(), ablations=[],
        metrics=KINDS[data.outcome.kind].shown, seed=1,
    )  # fmt: skip
    effects = pd.concat([each.table("random_effects") for each in trained])
    variances = pd.concat([each.table("variance_components") for each in trained])
    read = study_tables.collect(
        made["summary"], made["comparisons"], made["decomposition"], effects, variances, None,
        metrics=KINDS[data.outcome.kind].shown, published=published_scores(name), networks=[],
    )  # fmt: skip
    return data, made | {f"{key}_page": frame for key, (frame, _) in read.items()}


def mean_of(summary: pd.DataFrame, model: str, metric: str, partition: str) -> float:
    rows = summary[(summary["model"] == model) & (summary["metric"] == metric)]
    rows = rows[
        (rows["partition"] == partition) & rows["assignment"].isin(["known", "none", "zero"])
    ]
    best = "mixed" if (rows["effect"] == "mixed").any() and partition == "test" else "fixed"
    return float(rows.loc[rows["effect"] == best, "mean"].iloc[0])


@pytest.mark.parametrize("name", MODELS)
def test_real_tables_of_every_kind_become_tables_for_readers(name, tmp_path) -> None:
    data, tables = tables_of(name, tmp_path)
    shown = KINDS[data.outcome.kind].shown
    page = tables["performance_page"]
    assert {metric_label(metric) for metric in shown} <= set(page.columns)
    assert set(page["model"]) == set(MODELS[name])
    plain = MODELS[name][0]
    gain = mean_of(tables["summary"], plain, shown[0], "test")
    assert gain > {"language": 0.5, "ticks": 0.1, "answers": 0.65}[name]
    if name != "answers":
        # Schools and broods differ: their intercepts are worth something to their own members.
        of_clusters = mean_of(tables["summary"], "mixed_model", shown[0], "test")
        assert of_clusters > gain + 0.02
        assert mean_of(tables["summary"], "prevalence", shown[1], "test") == 0
