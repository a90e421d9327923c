"""What the estimators have in common."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from armed.data.samples import Samples
from armed.errors import ConfigError
from armed.methods.base import Method
from armed.sklearn import building, files, results
from armed.sklearn.clusters import Columns, columns_to_predict, trained_columns
from armed.sklearn.inputs import Standardised, table
from armed.sklearn.scores import scores
from armed.tasks.base import Task
from armed.training.fit import fit


class ArmedEstimator(BaseEstimator):  # type: ignore[misc]
    """A network with random effects of clusters, as an estimator; see docs/estimators.md."""

    # Clusters are routed without being asked for: where they are given, they are meant.
    __metadata_request__fit: ClassVar = {"clusters": True}
    __metadata_request__predict: ClassVar = {"clusters": True}
    __metadata_request__score: ClassVar = {"clusters": True}

    def __init__(
        self,
        network: Any = None,
        *,
        hidden: Sequence[int] = (64, 32),
        watch: Sequence[str] | None = None,
        random_slopes: Sequence[Any] | None = None,
        adversary_weight: float = 0.1,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float = 3e-3,
        weight_decay: float = 0.3,
        cross_fit: bool = True,
        standardize: bool = True,
        device: str = "cpu",
        random_state: Any = None,
    ) -> None:
        self.network = network
        self.hidden = hidden
        self.watch = watch
        self.random_slopes = random_slopes
        self.adversary_weight = adversary_weight
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.cross_fit = cross_fit
        self.standardize = standardize
        self.device = device
        self.random_state = random_state

    @abstractmethod
    def _task(self) -> Task:
        """Return the task of what was fitted."""

    def _class_names(self) -> list[str] | None:
        """Return the names of classes that have effects of their own; None if there are none."""
        return None

    def _unit(self) -> float:
        """Return the unit of the linear predictor in the outcome's."""
        return 1.0

    def _train(self, x: np.ndarray, y: np.ndarray, clusters: Any, weight: np.ndarray) -> None:
        """Train on samples that are checked, of weights from 0, with outcomes as the task has them."""
        columns = {} if clusters is None else trained_columns(clusters, len(x))
        # A seed for all that is drawn: initial values, order of samples, noise.
        # What weighs nothing is not there, but that its cluster has a name.
        kept = weight > 0
        x, y, weight = x[kept], y[kept], weight[kept]
        # Units are those of the samples that are trained on, as a pipeline would have them.
        self._inputs = Standardised.of(x, standardize=self.standardize)
        self._shape = x.shape[1:]
        self._names = {name: column.categories for name, column in columns.items()}
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        self.method_ = self._method(seed)
        z: Any = {name: column.rows(kept) for name, column in columns.items()}
        samples = Samples(self._inputs(x), y, z or np.zeros(len(x), int), weight)
        fit(
            [self.method_],
            [samples],
            settings=building.fit_settings(self, len(samples), self._task()),
            seeds=[seed],
            labels=[type(self).__name__],
            device=self.device,
            # One replica: copies that make its bits those of a stack would cost many times its time.
            pad=False,
        )
        # Found here, once: the samples themselves are not kept.
        self._results = results.of(self, samples)

    def _method(self, seed: int) -> Method:
        slopes = building.slope_columns(self.random_slopes, self._feature_names())
        return building.build(
            self, self._task(), self._shape, self._names, slopes=slopes, seed=seed
        )

    def _feature_names(self) -> list[str]:
        # Arrays have none.
        names = getattr(self, "feature_names_in_", None)
        return [f"x{i}" for i in range(self.n_features_in_)] if names is None else [*names]

    def _to_predict(self, X: Any, clusters: Any) -> tuple[torch.Tensor, Columns]:
        """Return samples as the network takes them, and their clusters by factor."""
        check_is_fitted(self)
        x = self._inputs(table(self, X, reset=False))
        if not self._names:
            return torch.from_numpy(x), {}
        return torch.from_numpy(x), columns_to_predict(clusters, [*self._names], len(x))

    def _scores(self, X: Any, clusters: Any, unseen: str) -> np.ndarray:
        """Scores of the task, (samples,) or (samples, classes)."""
        x, columns = self._to_predict(X, clusters)
        return scores(self.method_, x, columns, unseen).cpu().numpy()

    def _with_clusters(self, X: Any, clusters: Any) -> tuple[torch.Tensor, Columns]:
        """As `_to_predict`, for what only a model of clusters knows."""
        x, columns = self._to_predict(X, clusters)
        if not columns:
            raise ConfigError(
                f"{type(self).__name__} was fitted without clusters; expected some, which tell how outcomes "
                "of new ones may differ; give clusters to fit"
            )
        return x, columns

    def summary(self) -> str:
        """Return the fitted model in words and numbers, laid out as lme4 prints it."""
        check_is_fitted(self)
        return str(self._results["summary"])

    @property
    def random_effects_(self) -> dict[str, list[Any]]:
        """Effects by cluster with intervals, a table by column; see `armed.effects_by_cluster`."""
        found: dict[str, list[Any]] = self._result("random_effects_")
        return found

    @property
    def variance_components_(self) -> dict[str, list[Any]]:
        """Standard deviations with intervals, a table by column; see `armed.variance_components`."""
        found: dict[str, list[Any]] = self._result("variance_components_")
        return found

    @property
    def icc_(self) -> float:
        """Share of the variance, given the features, that lies between clusters."""
        found: float = self._result("icc_")
        return found

    def _result(self, name: str) -> Any:
        check_is_fitted(self)
        # An AttributeError, so that hasattr says what a model has.
        if name not in self._results:
            raise AttributeError(
                f"{type(self).__name__} has no {name}: it was fitted without clusters, or has more than two "
                "classes, of which there is no intraclass correlation"
            )
        return self._results[name]

    def save(self, path: Any) -> None:
        """Write the fitted estimator to one file, of safetensors with JSON in it; see `load`."""
        check_is_fitted(self)
        files.save(self, path)

    @classmethod
    def load(cls, path: Any, network: Any = None) -> Any:
        """Return an estimator from its file; ``network`` as it was given, if one was.

        Nothing in a file is run. Of random states only a number is kept.
        """
        return files.load(cls, path, network)
