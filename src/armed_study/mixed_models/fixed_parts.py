"""A network in the place of the linear fixed part of documented mixed models, by cross-validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import stats

from armed.methods.base import Method
from armed.training.sample_order import stream
from armed_study.data.mixed.design import MixedDesign
from armed_study.interpretation.effects.documented import DocumentedModel, documented_design
from armed_study.io.tables import empty_table
from armed_study.mixed_models.fits import TASKS, fit_design
from armed_study.mixed_models.networks import linear_predictors, samples_of, train_networks
from armed_study.statistics.auroc import Ranking
from armed_study.statistics.intervals import t_interval
from armed_study.statistics.rank import independent_columns

MIXED_MODEL = {
    "random_effects": {"intercept": 1.0, "estimated": True},
    "adversary": {"hidden": [1]},
    "adversary_weight": 0.0,
    "fixed_weight": 0.0,
}
"""What is trained is the likelihood of a mixed model: no adversary, and no loss of the fixed part alone."""
ALIASED = 1e-7


@dataclass(frozen=True, eq=False)
class Held:
    """Linear predictors (rows,), each by a fit that has not seen its row, and residual variances (rows,)."""

    eta: np.ndarray
    noise: np.ndarray


def compare_fixed_parts(
    models: Sequence[DocumentedModel], settings: Mapping[str, Any], *, seed: int
) -> pd.DataFrame:
    """Score linear and network fixed parts of models that are the same otherwise: table `fixed_parts`.

    Parameters
    ----------
    models
        Of these the ones that `comparable` names.
    settings
        ``folds``, and the blocks ``network`` and ``training``.
    """
    rows = []
    for model in models:
        if comparable(model):
            design = standardised(documented_design(model), model)
            if design.x.shape[1] > 1 and not design.offset.any():
                rows.append(_row(model, design, settings, stream(seed, model.name)))
    return pd.DataFrame(rows) if rows else empty_table("fixed_parts")


def comparable(model: DocumentedModel) -> bool:
    """Whether a network can take the place of the fixed part: one random intercept, no count."""
    (first, *others) = model.variances.values()
    return not others and first.effects == 1 and model.family in ("gaussian", "bernoulli")


def standardised(design: MixedDesign, model: DocumentedModel) -> MixedDesign:
    """Bring columns that vary, and a continuous outcome, to mean 0 and standard deviation 1."""
    sd = design.x.std(axis=0)
    x = (design.x - np.where(sd > 0, design.x.mean(axis=0), 0)) / np.where(sd > 0, sd, 1)
    y = design.y
    if model.family == "gaussian":
        y = (y - y.mean()) / y.std()
    return replace(design, x=x, y=y)


def folds_of(design: MixedDesign, folds: int, rng: np.random.Generator) -> np.ndarray:
    """Fold of each row (rows,), the rows of a cluster dealt to all of them as evenly as can be."""
    index = design.terms[0].index
    order = np.lexsort((rng.random(len(index)), index))
    fold = np.empty(len(index), dtype=np.int64)
    fold[order] = np.arange(len(index)) % folds
    return fold


def _row(
    model: DocumentedModel, design: MixedDesign, settings: Mapping[str, Any], seed: int
) -> dict[str, object]:
    fold = folds_of(design, settings["folds"], np.random.default_rng(seed))
    held = {
        "linear": _linear(model, design, fold),
        "network": _network(model, design, fold, settings, seed),
    }
    likelihood = {name: _log_likelihood(model, design, found) for name, found in held.items()}
    gain = likelihood["network"] - likelihood["linear"]
    low, high = t_interval(np.array([gain[fold == number].mean() for number in np.unique(fold)]))
    return {
        "item": model.name,
        "family": model.family,
        "factor": design.terms[0].factor,
        "rows": len(design.y),
        "clusters": len(design.terms[0].clusters),
        "columns": design.x.shape[1] - 1,
        "metric": "r2" if model.family == "gaussian" else "auroc",
        **{name: _score(model, design, found) for name, found in held.items()},
        **{f"{name}_log_likelihood": found.mean() for name, found in likelihood.items()},
        "difference": gain.mean(),
        "low": low,
        "high": high,
    }


def _linear(model: DocumentedModel, design: MixedDesign, fold: np.ndarray) -> Held:
    eta, noise = np.empty(len(fold)), np.empty(len(fold))
    term = design.terms[0]
    for number in np.unique(fold):
        rows, test = np.flatnonzero(fold != number), fold == number
        # A level of a category may be in the rows of one fold only.
        kept = independent_columns(design.x[rows], tolerance=ALIASED)
        found = fit_design(replace(design, x=design.x[:, kept]), model.family, rows).estimate
        fixed = design.x[test][:, kept] @ found.fixed.numpy()
        eta[test] = fixed + found.effects[0][:, 0].numpy()[term.index[test]]
        noise[test] = float(found.noise)
    return Held(eta, noise)


def _network(
    model: DocumentedModel,
    design: MixedDesign,
    fold: np.ndarray,
    settings: Mapping[str, Any],
    seed: int,
) -> Held:
    eta, noise, index = np.empty(len(fold)), np.empty(len(fold)), design.terms[0].index
    x = design.x[:, design.x.std(axis=0) > 0]
    numbers = np.unique(fold)
    blocks = {"network": settings["network"], "training": settings["training"]}
    trained = train_networks(
        "armed",
        blocks | MIXED_MODEL,
        [samples_of(*(v[fold != number] for v in (x, design.y, index))) for number in numbers],
        task=TASKS[model.family],
        clusters=len(design.terms[0].clusters),
        seeds=[stream(seed, f"fold {number}") for number in numbers],
    )
    for number, method in zip(numbers, trained, strict=True):
        test = fold == number
        eta[test] = linear_predictors(method, x[test], index[test])[1]
        noise[test] = _noise(method)
    return Held(eta, noise)


def _noise(method: Method) -> float:
    effects = method.effects
    return 1.0 if effects is None else float(effects.noise)


def _log_likelihood(model: DocumentedModel, design: MixedDesign, held: Held) -> np.ndarray:
    """Log-likelihood of each row (rows,) at its cluster's posterior mean."""
    if model.family == "gaussian":
        return stats.norm.logpdf(design.y, held.eta, np.sqrt(held.noise))
    eta, y = torch.from_numpy(held.eta), torch.from_numpy(design.y.astype(float))
    return TASKS[model.family].log_likelihood(eta, y).numpy()


def _score(model: DocumentedModel, design: MixedDesign, held: Held) -> float:
    if model.family == "bernoulli":
        return Ranking.of(design.y, held.eta).auroc()
    return float(1 - np.mean((design.y - held.eta) ** 2) / design.y.var())
