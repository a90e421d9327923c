"""Linear and network fixed parts are compared on rows that neither has seen."""

from dataclasses import replace

import numpy as np
import pytest

from armed_study.interpretation.effects import documented
from armed_study.interpretation.effects.documented import documented_design, documented_models
from armed_study.io.tables import cast_table
from armed_study.mixed_models import fixed_parts
from armed_study.mixed_models.fixed_parts import (
    comparable,
    compare_fixed_parts,
    folds_of,
    standardised,
)

MODELS = {model.name: model for model in documented_models()}
SETTINGS = {
    "folds": 2,
    "network": {"hidden": [8], "linear_path": True},
    "training": {"epochs": 30, "batch_size": 64, "learning_rate": 0.02, "optimizer": "Adam"},
}


@pytest.fixture
def bent(monkeypatch):
    """A documented model whose outcome is a parabola of its column, and clusters."""
    model, rng = MODELS["mlmRev/Gcsemv/1"], np.random.default_rng(0)
    design = documented_design(model)
    term = design.terms[0]
    x = rng.normal(size=400)
    index = np.arange(400) % 20
    u = rng.normal(size=20)
    term = replace(term, index=index, design=np.ones((400, 1)), clusters=tuple(map(str, range(20))))
    made = replace(
        design,
        y=x**2 + u[index] + 0.3 * rng.normal(size=400),
        x=np.column_stack([np.ones(400), x]),
        offset=np.zeros(400),
        terms=(term,),
    )
    monkeypatch.setattr(fixed_parts, "documented_design", lambda _: made)
    return model


def test_network_gains_where_the_fixed_part_is_no_line(bent):
    (row,) = cast_table(compare_fixed_parts([bent], SETTINGS, seed=1), "fixed_parts").itertuples()
    assert row.network > row.linear + 0.2
    assert row.difference > 0.2
    assert row.difference == pytest.approx(row.network_log_likelihood - row.linear_log_likelihood)
    assert row.low < row.difference < row.high


def test_linear_fit_predicts_rows_with_the_effects_of_their_cluster(bent):
    design = standardised(fixed_parts.documented_design(bent), bent)
    fold = folds_of(design, 2, np.random.default_rng(0))
    held = fixed_parts._linear(bent, design, fold)
    # Clusters are a third of what there is; the line explains nothing.
    assert 0.2 < np.corrcoef(held.eta, design.y)[0, 1] ** 2 < 0.5


def test_folds_share_the_rows_of_every_cluster(bent):
    design = fixed_parts.documented_design(bent)
    fold = folds_of(design, 4, np.random.default_rng(0))
    counts = np.zeros((20, 4), dtype=int)
    np.add.at(counts, (design.terms[0].index, fold), 1)
    assert (counts == 5).all()


def test_models_of_several_factors_slopes_or_counts_are_not_compared():
    assert comparable(MODELS["MASS/bacteria/1"])
    for name in ("MASS/coop/1", "nlme/Oxboys/1", "mlmRev/Mmmec/1"):
        assert not comparable(MODELS[name])


def test_model_without_a_column_gives_no_row():
    found = compare_fixed_parts([MODELS["nlme/Rail/1"]], SETTINGS, seed=1)
    assert cast_table(found, "fixed_parts").empty


def test_documented_module_is_the_one_that_is_replaced():
    assert fixed_parts.documented_design is documented.documented_design
