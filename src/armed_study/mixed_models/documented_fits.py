"""Our fits of documented mixed models next to lme4's: variances, shares, and why some differ."""

import time
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd

from armed_study.data.mixed.design import MixedDesign
from armed_study.interpretation.effects.documented import (
    DocumentedModel,
    Family,
    documented_design,
    documented_models,
)
from armed_study.io.shards import in_shard
from armed_study.io.tables import empty_table
from armed_study.mixed_models.documented_summary import NEGLIGIBLE
from armed_study.mixed_models.fits import DesignFit, fit_design
from armed_study.mixed_models.quadrature import maximum_likelihood

NODES = 25
FURTHEST = 15.0
"""Fixed part of a logit beyond which outcomes are separated: a probability of 3e-7."""


def selected(
    shard: str, *, least_rows: int = 0, most_rows: int | None = None
) -> list[DocumentedModel]:
    """Return the documented models of a shard, ``i-of-n``, of so many rows."""
    return [
        model
        for model in documented_models()
        if in_shard(model.name, shard) and least_rows <= model.rows <= (most_rows or model.rows)
    ]


def compare_with_lme4(models: list[DocumentedModel]) -> pd.DataFrame:
    """Fit documented models with a linear fixed part: table `documented_effects`, a row a factor.

    A further column, ``seconds``, is what the fit took.
    """
    rows = [row for model in models for row in _rows(model)]
    return pd.DataFrame(rows) if rows else empty_table("documented_effects").assign(seconds=[])


def _rows(model: DocumentedModel) -> list[dict[str, object]]:
    design = documented_design(model)
    start = time.perf_counter()
    fit = fit_design(design, model.family)
    seconds = time.perf_counter() - start
    variances, residual = fit.variances, residual_variance(design, model.family, fit)
    whole = sum(variances.values()) + residual
    made = []
    for term in fit.terms:
        documented, ours = model.variances[term.factor], variances[term.factor]
        difference = ours / documented.variance - 1 if documented.variance else np.nan
        exact = _quadrature(model, design) if abs(difference) > NEGLIGIBLE else np.nan
        made.append(
            {
                "item": model.name,
                "family": model.family,
                "formula": model.formula,
                "factor": term.factor,
                "effects": len(term.effects),
                "clusters": len(term.clusters),
                "rows": model.rows,
                "lme4_variance": documented.variance,
                "variance": ours,
                "quadrature": exact,
                "difference": round(difference, 6),  # what is less depends on the machine
                "lme4_icc": documented.icc,
                "icc": ours / whole,
                "singular": fit.singular[term.factor],
                "converged": fit.estimate.converged,
                "reason": _reason(model, design, fit, term.factor, difference, exact),
                "seconds": seconds,
            }
        )
    return made


def residual_variance(design: MixedDesign, family: Family, fit: DesignFit) -> float:
    r"""Variance on the scale of the linear predictor that neither fixed part nor effects explain.

    The residual variance of continuous outcomes, ``pi^2 / 3`` of logits, and ``log(1 + 1 / m)`` of counts,
    ``m`` the mean count of the model without fixed effects but its intercept.

    References
    ----------
    Nakagawa, Johnson and Schielzeth, Journal of the Royal Society Interface 14, 2017.
    """
    if family == "gaussian":
        return float(fit.estimate.noise)
    if family == "bernoulli":
        return float(np.pi**2 / 3)
    null = fit_design(replace(design, x=np.ones((len(design.y), 1))), family)
    mean = np.exp(float(null.estimate.fixed[0]) + sum(null.variances.values()) / 2)
    return float(np.log1p(1 / mean))


def _quadrature(model: DocumentedModel, design: MixedDesign) -> float:
    """Variance of the maximum of the likelihood itself where lme4's is that of Laplace's approximation."""
    first = design.terms[0]
    if model.family == "gaussian" or len(design.terms) > 1 or len(first.effects) > 1:
        return np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of steps that were too long
        return maximum_likelihood(design, model.family, NODES, starts=(1.0,))


def _reason(
    model: DocumentedModel,
    design: MixedDesign,
    fit: DesignFit,
    factor: str,
    difference: float,
    exact: float,
) -> str:
    """Why a variance is not lme4's, in a word or two; empty where it is."""
    if abs(difference) <= NEGLIGIBLE:
        return ""
    if fit.singular[factor] or not model.variances[factor].variance:
        return "boundary"
    ours, lme4 = fit.variances[factor], model.variances[factor].variance
    if abs(ours - exact) < abs(lme4 - exact):
        return "Laplace's approximation"
    fixed = design.offset + design.x @ fit.estimate.fixed.numpy()
    if model.family == "bernoulli" and np.abs(fixed).max() > FURTHEST:
        return "separation"
    return "not known"
