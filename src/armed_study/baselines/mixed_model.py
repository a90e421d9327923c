"""Mixed model, linear of a continuous outcome and Poisson of counts, with a random intercept."""

import warnings
from dataclasses import dataclass

import numpy as np
import torch

from armed.effects.linear_effects import LinearEffects
from armed.errors import ArmedWarning
from armed.inference.blocks.terms import EffectsTerm, fixed_term
from armed.inference.estimate import estimate
from armed.inference.mixed_model import MixedModel
from armed.prediction.linear_parts import LinearPart
from armed.summaries.fitted import fitted_estimate
from armed.tasks.outcomes import ContinuousTask, CountTask
from armed_study.baselines.linear import (
    ALIASED,
    Baseline,
    LinearFit,
    training_rows,
)
from armed_study.statistics.links import IDENTITY, LOG
from armed_study.statistics.rank import independent_columns
from armed_study.training.few_shot.networks import linear_score
from armed_study.training.few_shot.scores import Score
from armed_study.training.fitted.variances import named_components
from armed_study.training.fold_data import FoldData, StudyFolds

OUTCOMES = ("continuous", "count")


@dataclass(frozen=True, eq=False)
class MixedFit(LinearFit):
    """`LinearFit` with intercepts of new clusters by the E step of networks; ``noise``: residual variance."""

    noise: float = 1.0

    def new_cluster_score(self, x: np.ndarray, y: np.ndarray) -> Score:
        """Scores with the intercept integrated over what labelled rows tell of it, of numbers exactly."""
        offset = torch.from_numpy(x @ self.coefficients + self.intercept)
        part = LinearPart(offset, [torch.ones_like(offset)[:, None]])
        effects = LinearEffects(1, initial_sd={"intercept": 1.0})
        effects.measure((part.designs[0],), outputs=1, clusters=1)
        effects.prior_root.fill_(self.prior_sd or 0.0)
        effects.noise.fill_(self.noise)
        task = ContinuousTask() if self.link is IDENTITY else CountTask()
        return linear_score(task, [effects], part, y, np.arange(len(y)))


def fit(study: StudyFolds, fold: FoldData) -> MixedFit:
    """``E(y) = x b + b_0 + u_z`` or, of counts, its exponential; ``u_k ~ N(0, s^2)``, ``yF`` has ``u = 0``.

    By restricted maximum likelihood, of counts by maximum likelihood: see `armed.inference`. ``u_k`` is the
    posterior mean, with its s.d. A column that is constant in a fold's training rows, or a sum of
    earlier ones, gets the coefficient 0. Warns (`ArmedWarning`) when it did not converge.
    """
    x, y, z = training_rows(study, fold)
    continuous = study.outcome.kind == "continuous"
    design = np.column_stack([np.ones(len(x)), x])
    kept = independent_columns(design, tolerance=ALIASED)
    outcome, clusters = torch.from_numpy(y), torch.from_numpy(z)
    intercept = EffectsTerm(torch.ones_like(outcome)[:, None], clusters, len(study.clusters))
    model = MixedModel(
        ContinuousTask() if continuous else CountTask(),
        outcome,
        torch.zeros_like(outcome),
        torch.ones_like(outcome),
        [intercept],
        fixed_term(torch.from_numpy(design[:, kept])),
        restricted=continuous,
    )
    found = estimate(model)
    if not found.converged:
        warnings.warn(
            f"study '{study.name}', fold {fold.fold}: the mixed model did not converge in {found.rounds} "
            "rounds; its scores are those of the last one; look for columns of extreme scale",
            ArmedWarning,
            stacklevel=2,
        )
    coefficients = np.zeros(design.shape[1])
    coefficients[kept] = found.fixed.numpy()
    mean, sd = found.effects[0][:, 0], found.effect_covariances[0][:, 0, 0].sqrt()
    return MixedFit(
        float(coefficients[0]),
        coefficients[1:],
        mean.numpy(),
        sd.numpy(),
        components=named_components(fitted_estimate(model, found, names=[["intercept"]])),
        link=IDENTITY if continuous else LOG,
        prior_sd=float(found.covariances[0][0, 0].sqrt()),
        noise=float(found.noise),
    )


BASELINE = Baseline(fit, uses_clusters=True)
