"""Profile likelihood intervals of standard deviations and correlations, as lme4's ``confint``."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from armed.errors import ConfigError
from armed.inference.em import expectation
from armed.inference.estimate import STEPS
from armed.inference.mixed_model import State
from armed.summaries.crossing import crossing, normal_quantile
from armed.summaries.fitted import FittedModel, variance_names, variances_of

FURTHEST = 4.0
"""Inverse hyperbolic tangent of a correlation up to which an end is looked for."""
LEAST = 1e-6
"""Share of a standard deviation's estimate that stands for 0."""
ROUNDS = 60
INSIDE = 0.999
"""Correlation at which a search begins whose estimate lies on the boundary."""


@dataclass(frozen=True, eq=False)
class _Parameters:
    """Log s.d. and, if correlated, atanh correlation of each term; log residual s.d.; fixed effects."""

    fitted: FittedModel
    standardised: list[Tensor]  # effects in units of the prior, which hardly move with it

    @classmethod
    def of(cls, fitted: FittedModel) -> "_Parameters":
        """Check that the model has such parameters."""
        if not fitted.converged:
            raise ConfigError(
                "the variances are not those of the largest evidence with these offsets, as expected of a "
                "profile; fit them by armed.inference.estimate, or ask for method 'information'"
            )
        if any(term.correlated and term.size > 2 for term in fitted.model.terms):
            raise ConfigError(
                "a term has more than 2 correlated effects, expected at most 2 for a profile; make them "
                "independent, or ask for method 'information'"
            )
        # E steps begin at u = R v with the v of the fit: few Newton steps do, whatever R is tried.
        own = cls(fitted, [])
        roots = own.state(own.start()).roots
        own.standardised.extend(
            torch.linalg.solve_triangular(root, effects.T, upper=False).T
            for root, effects in zip(roots, fitted.effects, strict=True)
        )
        return own

    def start(self) -> Tensor:
        """Parameters of the fit, (parameters,)."""
        parts = []
        for term, covariance in zip(self.fitted.model.terms, self.fitted.covariances, strict=True):
            first = [int(group[0]) for group in variances_of(term)]
            # The logarithm of 0 is not finite; what is this small adds nothing to the evidence.
            sd = covariance.diagonal()[first].clamp_min(LEAST**2).sqrt()
            parts.append(sd.log())
            if term.correlated and term.size == 2:
                ratio = covariance[1, 0] / sd.prod()
                parts.append(ratio.clamp(-INSIDE, INSIDE).atanh()[None])
        return torch.cat([*parts, self.fitted.noise.log()[None] / 2, self.fitted.fixed])

    def state(self, vector: Tensor) -> State:
        """Return the parameters as the E step takes them."""
        fitted, at, roots = self.fitted, 0, []
        for term in fitted.model.terms:
            count = len(variances_of(term))
            sd = vector[at : at + count].exp()
            sd = sd if term.variance_of is None else sd[term.variance_of]
            at += count
            root = torch.diag(sd)
            if term.correlated and term.size == 2:
                # D = R R' has correlation r where the second row of R is sd (r, sqrt(1 - r^2)).
                slant = vector[at].tanh()
                below = torch.stack([slant, (1 - slant**2).sqrt()]) * sd[1]
                root = torch.stack([torch.stack([sd[0], 0 * sd[0]]), below])
                at += 1
            roots.append(root)
        means = [v @ root.detach().T for v, root in zip(self.standardised, roots, strict=False)]
        noise = (2 * vector[at]).exp() if fitted.model.task.has_noise else fitted.noise
        return State(roots, vector[at + 1 :], noise, means, fitted.predictor_variance)

    def named(self) -> Iterator[tuple[str, str, bool]]:
        """Group and name of each covariance parameter, and whether it is a correlation."""
        terms = zip(self.fitted.model.terms, self.fitted.names, strict=True)
        for term, names in terms:
            yield from ((term.name, f"sd__{name}", False) for name in variance_names(term, names))
            if term.correlated and term.size == 2:
                yield term.name, f"cor__{names[0]}.{names[1]}", True
        if self.fitted.model.task.has_noise:
            yield "Residual", "sd__Observation", False


def profile_intervals(
    fitted: FittedModel, level: float = 0.95
) -> dict[tuple[str, str], tuple[float, float]]:
    """Intervals of each s.d. and correlation by group and name, in which the profiled evidence falls little.

    The fixed effects are maximised or integrated over, as the model says (``restricted``). An s.d. whose
    interval reaches the boundary has the lower end 0, a correlation -1 or 1.

    Raises
    ------
    ConfigError
        If the parameters are not those of the largest evidence, or more than two effects are correlated.
    """
    parameters = _Parameters.of(fitted)
    # The fit again, to the precision of this search, so that falls from it are not negative.
    top, best = _maximum(parameters, parameters.start(), None)
    quantile, found = normal_quantile(level), {}
    for place, (group, name, is_correlation) in enumerate(parameters.named()):

        def excess(value: float, place: int = place, bounded: bool = is_correlation) -> float:
            start = best.clone()
            at = best.new_tensor(value)
            start[place] = at.atanh() if bounded else at.log()
            # Signed roots of falls are nearly linear in a parameter, which root finding is fast on.
            fall = top - _maximum(parameters, start, place)[0]
            return math.sqrt(max(2 * fall, 0.0)) - quantile

        if is_correlation:
            middle, end = math.tanh(float(best[place])), math.tanh(FURTHEST)
            low, high = crossing(excess, middle, -end), crossing(excess, middle, end)
            found[group, name] = (-1.0 if low == -end else low, 1.0 if high == end else high)
        else:
            middle = float(best[place].exp())
            # In units of the residual s.d. where the estimate itself is 0.
            least = LEAST * max(middle, float(fitted.noise) ** 0.5)
            low = crossing(excess, middle, min(least, middle))
            high = crossing(excess, middle, 1.5 * max(middle, least), grows=True)
            found[group, name] = (0.0 if low <= least else low, high)
    return found


def _maximum(parameters: _Parameters, start: Tensor, held: int | None) -> tuple[float, Tensor]:
    """Largest evidence over all parameters but the one held, and where it is."""
    free = start.clone().requires_grad_()
    # What is held has no gradient.
    mask = torch.ones_like(start)
    if held is not None:
        mask[held] = 0
    search = torch.optim.LBFGS([free], max_iter=ROUNDS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        search.zero_grad()
        vector = start + mask * (free - start)
        # Differentiated through the E step; for Gaussian outcomes that is exact.
        state = parameters.state(vector)
        value = -expectation(parameters.fitted.model, state, steps=2 * STEPS).evidence
        value.backward()  # type: ignore[no-untyped-call]
        return value

    search.step(loss)  # type: ignore[no-untyped-call]
    return -float(loss().detach()), free.detach()
