"""Fits of mixed models that share nothing with the library: what read designs are checked by.

`reml` minimises lme4's profiled criterion of continuous outcomes (Bates, Maechler, Bolker and Walker,
Journal of Statistical Software 67(1), 2015, equation 41) over the relative covariance factors. Binary and
count outcomes of one random intercept: `armed_study.mixed_models.quadrature`.
`python tests/support/mixed_fits.py [NAME ...]` prints documented models.
"""

import sys
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.sparse.linalg import splu
from scipy.special import gammaln
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

from armed_study.data.mixed.design import MixedDesign, RandomTerm
from armed_study.interpretation.effects.documented import documented_design, documented_models
from armed_study.mixed_models.quadrature import maximum_likelihood, minimum

_DENSE = 1500  # rows up to which statsmodels is asked


def reml(design: MixedDesign) -> tuple[dict[str, np.ndarray], float]:
    """Return the covariance of each term's effects by factor, and the residual variance."""
    x, n = design.x, len(design.y)
    y = design.y - design.offset
    y = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]  # so that large means do not cancel
    z = sp.hstack([_indicators(term) for term in design.terms], format="csc")
    zz, zx, zy, xx, xy = (z.T @ z).tocsc(), z.T @ x, z.T @ y, x.T @ x, x.T @ y

    def profiled(theta: np.ndarray) -> tuple[float, float]:
        factors = _factors(design.terms, theta)
        scale = sp.block_diag(
            [
                sp.kron(sp.eye(len(t.clusters)), f)
                for t, f in zip(design.terms, factors, strict=True)
            ]
        ).tocsc()
        inner = splu(
            (scale.T @ zz @ scale + sp.eye(zz.shape[0])).tocsc(),
            permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0, options={"SymmetricMode": True},
        )  # fmt: skip
        right = np.column_stack([scale.T @ zx, scale.T @ zy])
        solved = inner.solve(right)
        fixed = xx - right[:, :-1].T @ solved[:, :-1]
        rest = xy - right[:, :-1].T @ solved[:, -1]
        squares = y @ y - right[:, -1] @ solved[:, -1] - rest @ np.linalg.solve(fixed, rest)
        variance = squares / (n - x.shape[1])
        logs = np.log(np.abs(inner.U.diagonal())).sum() + np.linalg.slogdet(fixed)[1]
        return logs + (n - x.shape[1]) * np.log(variance), variance

    start = np.concatenate([_start(term) for term in design.terms])
    bounds = [(0 if at > 0 else None, None) for at in start]
    best = minimum(lambda theta: profiled(theta)[0], start, bounds)
    variance = profiled(best)[1]
    factors = _factors(design.terms, best)
    return {
        t.factor: variance * f @ f.T for t, f in zip(design.terms, factors, strict=True)
    }, variance


def _indicators(term: RandomTerm) -> sp.csc_matrix:
    rows, effects = term.design.shape
    columns = term.index[:, None] * effects + np.arange(effects)
    where = (np.repeat(np.arange(rows), effects), columns.ravel())
    shape = (rows, len(term.clusters) * effects)
    return sp.csc_matrix((term.design.ravel(), where), shape=shape)


def _start(term: RandomTerm) -> np.ndarray:
    """The lower triangle of an identity, or its diagonal."""
    effects = len(term.effects)
    return np.eye(effects)[np.tril_indices(effects)] if term.correlated else np.ones(effects)


def _factors(terms: tuple[RandomTerm, ...], theta: np.ndarray) -> list[np.ndarray]:
    found = []
    for term in terms:
        effects = len(term.effects)
        count = len(_start(term))
        factor = np.diag(theta[:count]) if not term.correlated else np.zeros((effects, effects))
        if term.correlated:
            factor[np.tril_indices(effects)] = theta[:count]
        found.append(factor)
        theta = theta[count:]
    return found


def by_statsmodels(design: MixedDesign, *, restricted: bool = True) -> dict[str, np.ndarray]:
    """Return the covariance of each term's effects by statsmodels' `MixedLM` (REML).

    The first term gives the groups where all others are nested in it; else all rows are one group,
    and its effects are variance components too.
    """
    first, *others = design.terms
    pairs = [np.unique(np.column_stack([first.index, t.index]), axis=0) for t in others]
    nested = all(len(p) == len(t.clusters) for p, t in zip(pairs, others, strict=True))
    groups = first.index if nested else np.zeros(len(design.y), dtype=int)
    parts = others if nested else design.terms
    exog_vc = VCSpec(
        [t.factor for t in parts],
        [[[t.factor] for _ in np.unique(groups)] for t in parts],
        [
            [pd.get_dummies(t.index[groups == g]).to_numpy(float) for g in np.unique(groups)]
            for t in parts
        ],
    )
    model = MixedLM(
        design.y - design.offset, design.x, groups,
        exog_re=first.design if nested else None, exog_vc=exog_vc if parts else None,
    )  # fmt: skip
    found = model.fit(reml=restricted)
    covariances = {t.factor: np.array([[v]]) for t, v in zip(parts, found.vcomp, strict=True)}
    return covariances | ({first.factor: np.asarray(found.cov_re)} if nested else {})


def compare(names: Sequence[str] = ()) -> Iterator[tuple[str, str, int, float, float, float]]:
    """Give name, factor, clusters, lme4's variance, an independent one, and that of a second method.

    The second one is statsmodels' for continuous outcomes, of 25 nodes for others; or NaN.
    """
    for model in documented_models():
        if names and model.name not in names:
            continue
        design, second = documented_design(model), {}
        factor = design.terms[0].factor
        if model.family == "gaussian":
            first = reml(design)[0]
            second = by_statsmodels(design) if len(design.y) <= _DENSE else {}
        elif len(design.terms) == 1:
            first, second = (
                {factor: np.array([[maximum_likelihood(design, model.family, nodes)]])}
                for nodes in (1, 25)
            )
        else:
            first = laplace_poisson(design)
        for term in design.terms:
            own = term.mean_variance(first[term.factor])
            other = term.mean_variance(second[term.factor]) if second else np.nan
            lme4 = model.variances[term.factor].variance
            yield model.name, term.factor, len(term.clusters), lme4, own, other


def laplace_poisson(design: MixedDesign) -> dict[str, np.ndarray]:
    """Return variances of several random intercepts of counts by Laplace's approximation."""
    y, count = design.y, len(design.terms)
    z = [_indicators(term).toarray() for term in design.terms]

    def deviance(given: np.ndarray) -> float:
        base = design.offset + design.x @ given[count:]
        scaled = np.hstack([block * tau for block, tau in zip(z, given, strict=False)])
        u = np.zeros(scaled.shape[1])
        for _ in range(100):
            mean = np.exp(base + scaled @ u)
            hessian = scaled.T @ (mean[:, None] * scaled) + np.eye(len(u))
            step = np.linalg.solve(hessian, scaled.T @ (y - mean) - u)
            u += step / max(1, np.abs(scaled @ step).max())
            if np.abs(step).max() < 1e-10:
                break
        eta = base + scaled @ u
        logs = y * eta - np.exp(eta) - gammaln(y + 1)
        return u @ u - 2 * logs.sum() + np.linalg.slogdet(hessian)[1]

    start = np.concatenate([np.ones(count), np.linalg.lstsq(design.x, np.log(y + 0.5))[0]])
    best = minimum(deviance, start, [(0, None)] * count + [(None, None)] * design.x.shape[1])
    return {t.factor: np.array([[tau**2]]) for t, tau in zip(design.terms, best, strict=False)}


if __name__ == "__main__":
    print("model", "factor", "clusters", "lme4", "independent", "difference", "second", sep="\t")
    for name, factor, clusters, lme4, own, other in compare(sys.argv[1:]):
        numbers = (f"{value:.5g}" for value in (lme4, own, own / lme4 - 1, other))
        print(name, factor, clusters, *numbers, sep="\t", flush=True)
