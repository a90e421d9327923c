"""Variance components and effects by cluster: tables in the words of lme4 and broom.mixed."""

import torch

from armed.errors import ConfigError
from armed.inference.blocks.terms import EffectsTerm
from armed.summaries.crossing import normal_quantile
from armed.summaries.fitted import Columns, FittedModel, variance_names, variances_of
from armed.summaries.information import Information, information, variance_interval
from armed.summaries.profile import profile_intervals

SINGULAR = 1e-2
"""Standard deviation, relative to the residual one, below which it counts as 0; see `singular_effects`."""
ROUNDING = 1e-10
"""Added to the variances of a covariance, relative to the largest, that rounding may have made negative."""
NONE = float("nan")


def variance_components(
    fitted: FittedModel, *, level: float = 0.95, method: str | None = "information"
) -> Columns:
    """Standard deviations and correlations of the effects, and the residual one, with intervals.

    Parameters
    ----------
    level : float
        Of the intervals.
    method : str or None
        ``information``: from the expected information, in closed form
        (`armed.summaries.information`). ``profile``: from profiles of the evidence, as lme4's ``confint``,
        for parameters that are those of the largest evidence (`armed.summaries.profile`). None: none.

    Returns
    -------
    dict of list
        Columns ``group``, ``term`` (``sd__NAME``, ``cor__NAME.NAME``, ``sd__Observation``), ``estimate``,
        ``std.error``, ``conf.low``, ``conf.high``; what is not computed is not a number. ``singular``:
        whether an s.d. is 0, see `singular_effects`.

    Notes
    -----
    Offsets count as known: of what a network's own fit leaves uncertain nothing is in the intervals.
    """
    if method not in ("information", "profile", None):
        raise ConfigError(
            f"method is {method!r}; expected 'information', 'profile' or None; choose one of them"
        )
    found = _estimates(fitted)
    told = information(fitted) if method == "information" else None
    intervals = profile_intervals(fitted, level) if method == "profile" else {}
    singular = singular_effects(fitted)
    rows = []
    for (group, name), estimate in found.items():
        error, ends = NONE, intervals.get((group, name), (NONE, NONE))
        if told is not None:
            error, ends = _by_information(fitted, told, (group, name), level)
        rows.append((group, name, estimate, error, *ends, (group, name) in singular))
    names = ("group", "term", "estimate", "std.error", "conf.low", "conf.high", "singular")
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def _estimates(fitted: FittedModel) -> dict[tuple[str, str], float]:
    """Estimates by group and name: of each term s.d. first, then correlations; the residual s.d. last."""
    found: dict[tuple[str, str], float] = {}
    terms = zip(fitted.model.terms, fitted.names, fitted.covariances, strict=True)
    for term, names, covariance in terms:
        sd = covariance.diagonal().sqrt()
        labels = zip(variance_names(term, names), variances_of(term), strict=True)
        found |= {(term.name, f"sd__{name}"): float(sd[group[0]]) for name, group in labels}
        # A correlation with an effect of no variance is not a number.
        ratios = (covariance / (sd[:, None] * sd)).tolist()
        found |= {(term.name, f"cor__{names[j]}.{names[i]}"): ratios[i][j] for j, i in _pairs(term)}
    if fitted.model.task.has_noise:
        found["Residual", "sd__Observation"] = float(fitted.noise.sqrt())
    return found


def _pairs(term: EffectsTerm) -> list[tuple[int, int]]:
    """Pairs of effects that are correlated."""
    if not term.correlated:
        return []
    return [(j, i) for i in range(term.size) for j in range(i)]


def _by_information(
    fitted: FittedModel, told: Information, which: tuple[str, str], level: float
) -> tuple[float, tuple[float, float]]:
    """Standard error and interval of the parameter of that group and name."""
    group, name = which
    if name == "sd__Observation":
        noise, variance = float(fitted.noise), float(told.covariance[-1, -1])
        # 2 noise^2 / variance: as the mean of squares of so many normal numbers
        return _of_root(
            noise, variance, torch.full((1,), 1 / noise), 2 * noise**2 / variance, level
        )
    number = [term.name for term in fitted.model.terms].index(group)
    term, names = fitted.model.terms[number], fitted.names[number]
    covariance = fitted.covariances[number]
    if name.startswith("sd__"):
        variance_number = variance_names(term, names).index(name.removeprefix("sd__"))
        first = int(variances_of(term)[variance_number][0])
        place = told.place(variance_number, term=number)
        estimate, variance = float(covariance[first, first]), float(told.covariance[place, place])
        return _of_root(estimate, variance, told.own[place], 1.0, level)
    pairs = {f"cor__{names[j]}.{names[i]}": (i, j) for j, i in _pairs(term)}
    i, j = pairs[name]
    places = [told.place(a, b, term=number) for a, b in ((i, j), (i, i), (j, j))]
    return _correlation(covariance[[i, j]][:, [i, j]], told.covariance[places][:, places], level)


def _of_root(
    estimate: float, variance: float, told: torch.Tensor, count: float, level: float
) -> tuple[float, tuple[float, float]]:
    """Of an s.d., from the estimate and the sampling variance of its square."""
    low, high = variance_interval(estimate, told, count, variance, level)
    # sd(s^2) = 2 s sd(s) where the root is nearly a line: not where s is less than its own error.
    near = variance**0.5 < 2 * estimate
    error = variance**0.5 / (2 * estimate**0.5) if near else NONE
    return error, (low**0.5, high**0.5)


def _correlation(
    covariance: torch.Tensor, sampling: torch.Tensor, level: float
) -> tuple[float, tuple[float, float]]:
    """By Fisher's z and the delta method.

    ``sampling`` (3, 3) is the covariance of the estimates of the covariance and the two variances.
    """
    # r = D_12 (D_11 D_22)^(-1/2), whose derivatives in the three are:
    one, other = covariance.diagonal()
    value = covariance[0, 1] / (one * other).sqrt()
    slopes = [1 / (one * other).sqrt(), -value / (2 * one), -value / (2 * other)]
    gradient = torch.stack(slopes)
    error = (gradient @ sampling @ gradient).sqrt()
    # atanh r has derivative 1 / (1 - r^2)
    reach = normal_quantile(level) * error / (1 - value**2)
    low, high = (value.atanh() - reach).tanh(), (value.atanh() + reach).tanh()
    return float(error), (float(low), float(high))


def effects_by_cluster(fitted: FittedModel, *, level: float = 0.95) -> Columns:
    """Effects of every cluster, with intervals of their posterior: lme4's ``ranef``.

    Returns
    -------
    dict of list
        Columns ``group``, ``level`` (the cluster), ``term``, ``estimate`` (``condval``), ``std.error``
        (``condsd``), ``conf.low``, ``conf.high``.
    """
    z, rows = normal_quantile(level), []
    for term, names, clusters, mean, covariance in zip(
        fitted.model.terms,
        fitted.names,
        fitted.clusters,
        fitted.effects,
        fitted.effect_covariances,
        strict=True,
    ):
        sd = covariance.diagonal(dim1=1, dim2=2).sqrt()
        for j, name in enumerate(names):
            ends = (mean - z * sd)[:, j].tolist(), (mean + z * sd)[:, j].tolist()
            values = zip(clusters, mean[:, j].tolist(), sd[:, j].tolist(), *ends, strict=True)
            rows += [(term.name, cluster, name, *numbers) for cluster, *numbers in values]
    names = ("group", "level", "term", "estimate", "std.error", "conf.low", "conf.high")
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def singular_effects(fitted: FittedModel, tolerance: float = SINGULAR) -> list[tuple[str, str]]:
    """Effects without variance of their own: at 0, or correlated fully; lme4's ``isSingular``.

    What an effect adds to the linear predictor, given those before it, is compared with the residual
    standard deviation (1 where there is none). lme4's tolerance is 1e-4: its optimiser stops on the
    boundary, which expectation-maximisation only comes near to.

    Returns
    -------
    list of (group, ``sd__NAME``)
    """
    found = []
    terms = zip(fitted.model.terms, fitted.names, fitted.covariances, strict=True)
    for term, names, covariance in terms:
        # Root mean square of what an effect multiplies: its unit does not matter.
        rms = term.by_effect(term.design.square().mean(0).sqrt())
        relative = covariance * rms[:, None] * rms / fitted.noise
        # The diagonal of the Cholesky factor is the s.d. of an effect given those before it.
        eye = torch.eye(term.size, dtype=rms.dtype)
        own = torch.linalg.cholesky(relative + ROUNDING * (1 + relative.diagonal().max()) * eye)
        labels = zip(variance_names(term, names), variances_of(term), strict=True)
        found += [
            (term.name, f"sd__{name}")
            for name, group in labels
            if bool((own.diagonal()[group] < tolerance).all())
        ]
    return found
