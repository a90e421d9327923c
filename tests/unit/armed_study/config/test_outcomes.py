"""What planning knows of the kind of outcome."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from armed.errors import ConfigError
from armed_study.config import figures, jobs, methods, planning
from armed_study.config.checks import check_references, read
from armed_study.vocabulary.outcomes import KINDS

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Any]:
    """The configuration of the three kinds, by itself."""
    whole = yaml.safe_load((ROOT / "config" / "outcomes.yaml").read_text(encoding="utf-8"))
    return {"seed": 1, "reference_model": "armed", **whole}


def plan(config: dict[str, Any]) -> dict[str, planning.PlannedStudy]:
    made = planning.plan(read(config))
    check_references(made, config["reference_model"])
    return made


def test_metrics_and_figures_follow_the_kind(outcomes) -> None:
    studies = plan(outcomes)
    kinds = {name: study.outcome for name, study in studies.items()}
    assert kinds == {"language": "continuous", "ticks": "count", "answers": "categorical"}
    for study in studies.values():
        assert study.metrics == list(KINDS[study.outcome].shown)
        assert "observed" in study.figures
        assert "calibration" not in study.figures
    assert "clusters" in studies["ticks"].figures
    assert not {"clusters", "intercepts"} & set(studies["answers"].figures)


def test_jobs_of_a_study_are_counted_once_whatever_figures_it_has(outcomes) -> None:
    for study in plan(outcomes).values():
        once = jobs.once(study)
        assert once.count(f"summarise_effects/{study.name}") == 1
        assert len(set(once)) == len(once)


def test_a_binary_outcome_has_the_figures_that_it_had() -> None:
    assert "observed" not in figures.of_study({"kind": "table"}, known=True)
    assert "calibration" in figures.of_study({"kind": "table"}, known=True)


def test_methods_say_which_outcomes_they_predict() -> None:
    able = {
        kind: {n for n, m in methods.available().items() if kind in m.outcomes} for kind in KINDS
    }
    assert {"logistic", "glmm"} <= able["binary"]
    assert "mixed_model" in able["continuous"] & able["count"]
    assert able["count"] - able["categorical"] >= {"lmmnn", "menet", "poisson_regression"}
    assert all({"armed", "conventional", "prevalence"} <= names for names in able.values())


@pytest.mark.parametrize(
    ("study", "path", "value", "said"),
    [
        ("answers", "models.lmmnn", {},
         "models.lmmnn: method 'lmmnn' .* found data.outcome.kind categorical, expected one of armed"),
        ("language", "models.glmm", {}, "method 'glmm' is of outcomes that are 'binary', found .*continuous"),
        ("ticks", "training.monitor", "auroc", "found training.monitor auroc, expected none .*log_loss"),
        ("ticks", "training.class_weights", True, "found training.class_weights, expected none"),
        ("answers", "training.cross_fit", True, "found training.cross_fit, expected none"),
        ("language", "task", {"kind": "binary"}, "found task.kind binary, expected none"),
        ("language", "data.outcome.positive", "a", "found positive .a. and kind continuous, expected"),
        ("language", "data.outcome.kind", "ordinal", 'found .ordinal., expected "binary" or "continuous"'),
    ],
)  # fmt: skip
def test_what_a_kind_does_not_go_with_is_refused_in_a_sentence(
    outcomes, study, path, value, said
) -> None:
    config = copy.deepcopy(outcomes)
    *outer, last = path.split(".")
    block = config["studies"][study]
    for key in outer:
        block = block[key]
    block[last] = value
    with pytest.raises(ConfigError, match=said):
        plan(config)


def test_class_weights_of_classes_are_allowed(outcomes) -> None:
    config = copy.deepcopy(outcomes)
    config["studies"]["answers"]["training"]["class_weights"] = True
    assert plan(config)
