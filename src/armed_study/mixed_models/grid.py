"""A cell of the simulated grid: every model trained on draws of one variance, number and size of clusters."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch

from armed.inference import estimate as estimation
from armed.inference.blocks.terms import EffectsTerm, fixed_term
from armed.inference.mixed_model import MixedModel
from armed.methods.base import Method
from armed.training.sample_order import stream
from armed_study.mixed_models.coverage import Coverage, coverage
from armed_study.mixed_models.fits import TASKS
from armed_study.mixed_models.networks import linear_predictors, samples_of, train_networks
from armed_study.simulation.clustered import ClusteredSettings, Draw, Part, fixed_part, simulate
from armed_study.statistics.auroc import Ranking
from armed_study.vocabulary.terms import LINEAR

FAMILIES = {"binary": TASKS["bernoulli"], "continuous": TASKS["gaussian"]}
METRICS = {"binary": "auroc", "continuous": "r2"}
ORACLE = "oracle"


class Fitted(NamedTuple):
    """What a model found in a draw: variance (NaN: none), predictors of test and unseen samples, time.

    Last what intervals for new clusters cover.
    """

    variance: float
    test: np.ndarray
    unseen: np.ndarray
    seconds: float
    coverage: Coverage = Coverage()


def train_cell(
    cell: str,
    settings: ClusteredSettings,
    models: Mapping[str, Mapping[str, Any]],
    *,
    replicates: int,
    seed: int,
) -> pd.DataFrame:
    """Draw data again and again and fit all models to them: table `grid_effects`.

    A further column, ``seconds``, is what the fit to a draw took.

    Parameters
    ----------
    cell
        Name of the cell.
    models
        By name the ``method`` of a network and its ``settings``.
    replicates
        Draws, each with its own clusters, samples and initial values; they are trained as one computation.
    """
    seeds = [stream(seed, f"{cell} {number}") for number in range(replicates)]
    draws = [simulate(settings, np.random.default_rng(own)) for own in seeds]
    fits: dict[str, Callable[[], list[Fitted]]] = {
        name: partial(_fit_networks, entry, draws, settings, seeds)
        for name, entry in models.items()
    }
    fits[LINEAR] = partial(_fit_linear, draws, settings)
    fits[ORACLE] = partial(_know, draws, settings)
    rows = [
        _row(name, number, draws[number], found, settings)
        for name, fit in fits.items()
        for number, found in enumerate(fit())
    ]
    table = pd.DataFrame(rows).assign(cell=cell)
    oracle = table[table["model"] == ORACLE].set_index("replicate")["estimate"]
    away = (table["estimate"] - table["replicate"].map(oracle)).abs() / table["drawn"]
    return table.assign(excess=away.where(table["variance"] > 0))


def _fit_networks(
    entry: Mapping[str, Any],
    draws: Sequence[Draw],
    settings: ClusteredSettings,
    seeds: Sequence[int],
) -> list[Fitted]:
    start = time.perf_counter()
    trained = train_networks(
        entry["method"],
        entry["settings"],
        [samples_of(draw.train.x, draw.train.y, draw.train.z) for draw in draws],
        task=FAMILIES[settings.outcome],
        clusters=settings.clusters,
        seeds=seeds,
    )
    seconds = (time.perf_counter() - start) / len(draws)
    return [
        Fitted(
            estimated_variance(method),
            linear_predictors(method, draw.test.x, draw.test.z)[1],
            # The population: the clusters are others than those trained on.
            linear_predictors(method, draw.unseen.x, draw.unseen.z)[0],
            seconds,
            coverage(method, draw.unseen),
        )
        for method, draw in zip(trained, draws, strict=True)
    ]


def estimated_variance(method: Method) -> float:
    """Estimated variance of the random intercept; NaN where a method has none."""
    effects = method.effects
    if effects is None or "intercept" not in effects.widths:
        return np.nan
    names = list(effects.widths)
    place = sum(effects.widths[name] for name in names[: names.index("intercept")])
    root = effects.prior_root.cpu().double()
    return float((root @ root.T)[place, place])


def _fit_linear(draws: Sequence[Draw], settings: ClusteredSettings) -> list[Fitted]:
    found = []
    for draw in draws:
        start = time.perf_counter()
        fit = _estimated(draw.train, settings, offset=np.zeros_like(draw.train.y), x=draw.train.x)
        seconds = time.perf_counter() - start
        intercept, *slopes = fit.fixed.numpy()
        test, unseen = (intercept + part.x @ slopes for part in (draw.test, draw.unseen))
        effects = fit.effects[0][:, 0].numpy()
        variance = float(fit.covariances[0][0, 0])
        found.append(Fitted(variance, test + effects[draw.test.z], unseen, seconds))
    return found


def _know(draws: Sequence[Draw], settings: ClusteredSettings) -> list[Fitted]:
    """The truth, of the fixed part alone where the cluster is unseen; the variance is estimated with it."""
    found = []
    for draw in draws:
        start, given = time.perf_counter(), fixed_part(draw.train.x)
        fit = _estimated(draw.train, settings, offset=given, x=draw.train.x[:, :0])
        seconds, variance = time.perf_counter() - start, float(fit.covariances[0][0, 0])
        found.append(Fitted(variance, draw.test.eta, fixed_part(draw.unseen.x), seconds))
    return found


def _estimated(
    part: Part, settings: ClusteredSettings, *, offset: np.ndarray, x: np.ndarray
) -> estimation.Estimate:
    """A random intercept, with a known part of the linear predictor and fixed effects of ``x``, fitted."""
    y, z, known, columns = (torch.from_numpy(v) for v in (part.y, part.z, offset, x))
    ones = torch.ones_like(y)
    return estimation.estimate(
        MixedModel(
            FAMILIES[settings.outcome],
            y,
            known,
            ones,
            [EffectsTerm(ones[:, None], z, settings.clusters)],
            fixed_term(torch.column_stack([ones, columns])),
            restricted=settings.outcome == "continuous",
        )
    )


def _row(
    model: str, replicate: int, draw: Draw, found: Fitted, settings: ClusteredSettings
) -> dict[str, object]:
    # What is less depends on the machine.
    known, drawn, estimate = (
        settings.variance > 0,
        round(draw.variance, 6),
        round(found.variance, 6),
    )
    return {
        "outcome": settings.outcome,
        "sizes": settings.sizes,
        "clusters": settings.clusters,
        "samples": len(draw.train.y),
        "variance": settings.variance,
        "model": model,
        "replicate": replicate,
        "drawn": drawn,
        "estimate": estimate,
        "error": abs(estimate - drawn) / drawn if known else np.nan,
        "metric": METRICS[settings.outcome],
        "seen": _score(draw.test.y, found.test, settings.outcome),
        "unseen": _score(draw.unseen.y, found.unseen, settings.outcome),
        **{f"{name}_coverage": share for name, share in found.coverage._asdict().items()},
        "seconds": found.seconds,
    }


def _score(y: np.ndarray, predictor: np.ndarray, outcome: str) -> float:
    """AUROC of a binary outcome, share of the variance of a continuous one that is explained."""
    if outcome == "binary":
        return Ranking.of(y, predictor).auroc()
    return float(1 - np.mean((y - predictor) ** 2) / y.var())
