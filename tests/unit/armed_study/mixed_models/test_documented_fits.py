"""Fits of documented models next to lme4's: numbers, reasons, shares and what is said of them."""

from dataclasses import replace

import numpy as np
import pytest

from armed_study.interpretation.effects.documented import documented_design, documented_models
from armed_study.io.tables import cast_table
from armed_study.mixed_models.documented_fits import (
    compare_with_lme4,
    residual_variance,
    selected,
)
from armed_study.mixed_models.documented_summary import (
    documented_caption,
    documented_page,
    documented_shares,
)
from armed_study.mixed_models.fits import fit_design

MODELS = {model.name: model for model in documented_models()}


def rows(*names):
    table = compare_with_lme4([MODELS[name] for name in names])
    assert (table["seconds"] > 0).all()
    return cast_table(table.drop(columns="seconds"), "documented_effects")


@pytest.fixture(scope="module")
def table():
    return rows(
        "MASS/npk/1", "MASS/coop/1", "MASS/bacteria/1", "lme4/Arabidopsis/1", "mlmRev/Mmmec/1"
    )


def test_parts_hold_every_model_once_between_them():
    parts = [selected(f"{number}-of-3") for number in (1, 2, 3)]
    assert sorted(model.name for part in parts for model in part) == sorted(MODELS)
    assert all(parts)


def test_models_are_selected_by_their_rows():
    found = selected("1-of-1", least_rows=30, most_rows=60)
    assert {model.rows for model in found} == {30, 32, 36, 42, 48, 54}


def test_every_factor_has_a_row_with_lme4s_variance(table):
    documented = {(n, f): v.variance for n, m in MODELS.items() for f, v in m.variances.items()}
    assert len(table) == 1 + 3 + 1 + 2 + 1
    for row in table.itertuples():
        assert row.lme4_variance == documented[row.item, row.factor]
        assert row.difference == pytest.approx(row.variance / row.lme4_variance - 1, abs=1e-6)


def test_variances_and_shares_are_lme4s_where_its_likelihood_is_exact(table):
    exact = table[table["family"] != "bernoulli"]
    assert exact["difference"].abs().max() < 0.005
    assert (exact["icc"] - exact["lme4_icc"]).abs().max() < 0.001
    assert set(exact["reason"]) == {""}
    assert exact["quadrature"].isna().all()


def test_laplaces_variance_is_named_and_quadrature_agrees_with_ours(table):
    (row,) = table[table["item"] == "MASS/bacteria/1"].itertuples()
    assert row.difference == pytest.approx(0.10, abs=0.01)
    assert row.reason == "Laplace's approximation"
    assert row.quadrature == pytest.approx(row.variance, rel=1e-3)


def test_variance_at_0_is_called_singular_and_a_boundary():
    model = MODELS["MASS/npk/1"]
    design = documented_design(model)
    # Residuals of the fixed part alone: clusters do not differ.
    term = design.terms[0]
    both = np.column_stack([design.x, np.eye(len(term.clusters))[term.index]])
    alike = design.y - both @ np.linalg.lstsq(both, design.y)[0]
    fit = fit_design(replace(design, y=alike), "gaussian")
    assert fit.singular == {"block": True}
    assert fit.variances["block"] == pytest.approx(0, abs=1e-6)
    assert not fit_design(design, "gaussian").singular["block"]


def test_residual_variance_of_logits_is_that_of_the_logistic_distribution():
    design = documented_design(MODELS["MASS/bacteria/1"])
    fit = fit_design(design, "bernoulli")
    assert residual_variance(design, "bernoulli", fit) == pytest.approx(3.2899, abs=1e-4)


def test_shares_are_of_continuous_and_of_other_outcomes(table):
    continuous, others = documented_shares(table).to_dict("records")
    assert (continuous["variances"], others["variances"]) == (4, 4)
    assert continuous["share within"] == 1
    assert others["share within"] == 1  # 10 % is within 15 %


def test_variance_nearer_to_quadrature_counts_beyond_the_tolerance(table):
    far = table.assign(lme4_variance=table["lme4_variance"] * 3)
    far["difference"] = far["variance"] / far["lme4_variance"] - 1
    others = documented_shares(far).to_dict("records")[1]
    assert others["share within"] == 0
    assert others["or nearer to quadrature"] == 0.25


def test_caption_states_shares_and_names_the_rest(table):
    said = documented_caption(table)
    assert "Of 4 variances of continuous outcomes" in said
    assert "less than 0.1 %; 100 % are within 5 %" in said
    assert (
        "more than 2 % from lme4's: MASS/bacteria/1 (1.1 times lme4's: Laplace's approximation)."
        in said
    )
    assert "No documented model" in documented_caption(table.iloc[:0])


def test_page_leaves_out_tables_without_rows(table):
    page = documented_page(table, table.iloc[:0])
    assert "A network as fixed part" not in page
    assert len(page["Other variances than lme4's"]) == 1


def test_no_model_gives_a_table_without_rows():
    assert cast_table(compare_with_lme4([]).drop(columns="seconds"), "documented_effects").empty
