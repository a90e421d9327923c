"""Two outputs of models set against each other: over the same folds, or the same draws of unseen clusters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from armed_study.evaluation.scores import Scored
from armed_study.evaluation.scoring import Output
from armed_study.evaluation.summaries import cluster_bootstrap
from armed_study.messages import counted
from armed_study.statistics.bootstrap import percentile_interval
from armed_study.statistics.intervals import NO_SPREAD, t_interval
from armed_study.statistics.tests import DifferenceTest, bootstrap_test, corrected_t_test, holm
from armed_study.vocabulary.outcomes import BINARY, Outcome
from armed_study.vocabulary.reported import reported
from armed_study.vocabulary.terms import ORACLES

OVER_FOLDS, OVER_CLUSTERS, NONE = "corrected resampled t", "paired bootstrap", "none"
#: So many that a p value can be small enough for a family of some hundred tests.
DRAWS = 9999
_OUTPUT = ["partition", "model", "assignment", "effect"]


class Pairs:
    """Outputs of a study's models, any two to be set against each other; seeds are averaged within a fold.

    Parameters
    ----------
    scored : scores of the study.
    splits : table `splits`, for the share of a fold that is tested.
    seed, draws : of the bootstrap.
    outcome : its kind says by which metrics outputs are compared.
    """

    def __init__(
        self,
        scored: Scored,
        splits: pd.DataFrame,
        *,
        seed: int,
        outcome: Outcome = BINARY,
        draws: int = DRAWS,
    ) -> None:
        self.metrics = outcome.about.compared
        self._unseen, self._seed, self._draws = scored.unseen, seed, draws
        table = scored.table[scored.table["metric"].isin(self.metrics)]
        self.study = str(scored.table["study"].iloc[0])
        by_fold = table.groupby([*_OUTPUT, "metric", "fold"], sort=True, observed=True)[
            "value"
        ].mean()
        self._means: dict[Any, pd.Series] = {
            key: values.droplevel([*_OUTPUT, "metric"])
            for key, values in by_fold.groupby(level=[*_OUTPUT, "metric"], sort=False)
        }
        shown = reported(table)[_OUTPUT].drop_duplicates().itertuples(index=False, name=None)
        self.reported: dict[tuple[str, str], Output] = {key[:2]: key for key in sorted(shown)}
        """Output that each model is reported by, by partition and model."""
        sizes = splits.groupby(["fold", "partition"], observed=True).size().unstack("partition")
        self._ratios = sizes.div(sizes["train"], axis=0)
        self._drawn: dict[Output, dict[str, np.ndarray]] = {}

    @property
    def outputs(self) -> list[Output]:
        """Every output that is scored, in order."""
        return list(dict.fromkeys(key[:4] for key in self._means))

    def difference(self, metric: str, one: Output, less: Output) -> tuple[DifferenceTest, str]:
        """Test the mean over folds of ``one`` less another output of the same partition.

        Returns
        -------
        The test, and which it is:

        - "corrected resampled t": over folds, see `tests.corrected_t_test`, with n_test / n_train
          averaged over these. For seen clusters, and for unseen ones too few to be drawn again
          (`summaries.enough_clusters`); there it speaks of these clusters, not of further ones.
        - "paired bootstrap": unseen clusters, and folds, drawn again with replacement, the same draws
          for all outputs (`bootstrap.resample`). It speaks of further clusters of the same kind.
        - "none": a single fold, or a difference that is the same in all folds.
        """
        pairs = (self._means[*one, metric] - self._means[*less, metric]).dropna()
        ratio = float(self._ratios.loc[pairs.index, one[0]].mean())
        test = corrected_t_test(pairs.to_numpy(), ratio)
        name = NONE if np.isnan(test.p) else OVER_FOLDS
        draws = self._draws_of(metric, one, less)
        if draws is not None:
            bootstrapped = bootstrap_test(test.difference, draws[0] - draws[1])
            if not np.isnan(bootstrapped.p):
                test, name = bootstrapped, OVER_CLUSTERS
        return test, name

    def share(self, metric: str, one: Output, of: Output, *, chance: float) -> tuple[float, ...]:
        """Give the share of the way from chance to another output that one goes, with its 95 % interval.

        ``(mean - chance) / (mean of the other - chance)``, means over the folds that both have. The
        interval is of the same draws of clusters and folds where `difference` is tested by these; else
        the t interval over folds of the ratio linearised at its estimate. NaN where the other is at
        chance, or below.
        """
        values = pd.DataFrame({"one": self._means[*one, metric], "of": self._means[*of, metric]})
        above = values.dropna().to_numpy() - chance
        whole = float(above[:, 1].mean()) if len(above) else 0.0
        if whole <= NO_SPREAD:
            return np.nan, np.nan, np.nan
        share = float(above[:, 0].mean()) / whole
        draws = self._draws_of(metric, one, of)
        if draws is not None:
            first, second = (drawn - chance for drawn in draws)
            ratios = np.divide(first, second, where=second > 0, out=np.full_like(first, np.nan))
            return share, *percentile_interval(ratios)
        return share, *t_interval(share + (above[:, 0] - share * above[:, 1]) / whole)

    def _draws_of(self, metric: str, *outputs: Output) -> list[np.ndarray] | None:
        """Draws (draws,) of outputs on the same unseen clusters; None where there are none of all."""
        if any(key[0] != "unseen" for key in outputs):
            return None
        first, *others = (self._unseen[key].keys() for key in outputs)
        drawn = [self._bootstrapped(key) for key in outputs]
        if any(folds != first for folds in others) or any(metric not in own for own in drawn):
            return None
        return [own[metric] for own in drawn]

    def _bootstrapped(self, output: Output) -> dict[str, np.ndarray]:
        """Draws (draws,) of each metric; none where clusters are too few."""
        if output not in self._drawn:
            self._drawn[output] = cluster_bootstrap(
                self._unseen[output], draws=self._draws, seed=self._seed
            )
        return self._drawn[output]


def adjusted(table: pd.DataFrame) -> pd.DataFrame:
    """Add Holm's p values over all tests of the table but the oracles', and what family they are of."""
    p = table["p"].where(~table["model"].isin(ORACLES)).to_numpy(dtype=np.float64)
    family = pd.Series(
        f"all {counted(np.sum(~np.isnan(p)), 'test')} of this table", index=table.index
    )
    return table.assign(p_holm=holm(p), family=family.where(~np.isnan(p)))
