"""The classifier."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets

from armed.errors import DataError
from armed.prediction.score_intervals import score_intervals
from armed.sklearn.base import ArmedEstimator
from armed.sklearn.inputs import to_fit
from armed.tasks.base import Task
from armed.tasks.outcomes import BinaryTask, CategoricalTask


class ARMEDClassifier(ClassifierMixin, ArmedEstimator):  # type: ignore[misc]
    """A network with random effects of clusters and an adversary, for labels of two or more classes.

    Parameters
    ----------
    network : nn.Module or callable, optional
        Yours, to logits (samples, outputs), one output of two classes; copied. Or what makes one of the
        number of features (of other arrays than tables the shape of a sample) and of outputs. Default: dense.
    hidden : sequence of int
        Widths of the dense layers, beside which the output has a linear function of the features.
    watch : sequence of str, optional
        Hidden layers that the adversary sees. Default: all of the dense ones, the last one of your network.
    random_slopes : sequence of str or int, optional
        Features, by name or number, whose slopes differ by cluster. Default: the intercept alone differs.
    adversary_weight : float
        Weight of the adversary, 0 for none.
    epochs, batch_size : int, optional
        Default: by the number of samples.
    learning_rate, weight_decay : float
        Largest step size of AdamW on a one-cycle schedule, and its weight decay.
    cross_fit : bool
        Whether variances are those of networks that have not seen a sample, for which two more are trained;
        not of more than two classes.
    standardize : bool
        Whether features of a table are divided by their standard deviations, less their means.
    device : str
        Where to train.
    random_state : int, RandomState instance or None
    class_weight : dict, "balanced" or None
        As in scikit-learn.

    Attributes
    ----------
    classes_ : ndarray
    random_effects_, variance_components_, icc_
        See `armed.sklearn.base.ArmedEstimator`.
    method_ : armed.methods.base.Method
    n_features_in_, feature_names_in_

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X, sites = rng.normal(size=(60, 2)), np.repeat(["A", "B", "C"], 20)
    >>> y = np.where(X[:, 0] + (sites == "A") > 0, "ill", "well")
    >>> model = ARMEDClassifier(epochs=2, random_state=0).fit(X, y, clusters=sites)
    >>> model.predict_proba(X[:3], clusters=["A", "Z", None]).shape
    (3, 2)
    """

    __metadata_request__predict_proba: ClassVar = {"clusters": True}

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
        class_weight: Any = None,
    ) -> None:
        super().__init__(
            network,
            hidden=hidden,
            watch=watch,
            random_slopes=random_slopes,
            adversary_weight=adversary_weight,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            cross_fit=cross_fit,
            standardize=standardize,
            device=device,
            random_state=random_state,
        )
        self.class_weight = class_weight

    def fit(
        self, X: Any, y: Any, clusters: Any = None, sample_weight: Any = None
    ) -> "ARMEDClassifier":
        """Train on samples and their clusters.

        Parameters
        ----------
        X : array or table, shape (samples, features)
        y : array, shape (samples,)
            Labels of any type.
        clusters : array or table, shape (samples,) or (samples, factors), optional
            Cluster of each sample, by any name, of one factor or several, the main one first. Where it is
            missing a sample trains the network and no effects. Without any the network is trained alone.
        sample_weight : array, shape (samples,), optional
            How much a sample counts in the loss, from 0. Of random effects each counts once.
        """
        x, y, weight = to_fit(self, X, y, clusters, sample_weight)
        check_classification_targets(y)
        # Class weights are weights of samples; what they do to the odds, the effects leave out.
        weight = weight * compute_sample_weight(self.class_weight, y)
        # Classes whose samples all weigh nothing cannot be learned.
        self.classes_ = np.unique(y[weight > 0])
        if len(self.classes_) < 2:
            raise DataError(
                f"y holds {len(self.classes_)} class of which samples have weight; expected at least 2 "
                "classes; check the labels, or the split"
            )
        self._train(x, np.searchsorted(self.classes_, y), clusters, weight)
        return self

    def _task(self) -> Task:
        count = len(self.classes_)
        return BinaryTask() if count == 2 else CategoricalTask(count)

    def _class_names(self) -> list[str] | None:
        return None if len(self.classes_) == 2 else [str(name) for name in self.classes_.tolist()]

    def predict_proba(self, X: Any, clusters: Any = None, unseen: str = "marginal") -> np.ndarray:
        """Probabilities of the classes, (samples, classes).

        Parameters
        ----------
        X : array or table, shape (samples, features)
        clusters : array or table, optional
            As in `fit`; one that is new or missing is a cluster that nothing is known of.
        unseen : {"marginal", "zero"}
            Whether effects of such clusters are integrated over, or are 0.
        """
        scores = self._scores(X, clusters, unseen)
        # One logit is that of the second class.
        if scores.ndim == 1:
            scores = np.stack([1 - scores, scores], 1)
        return scores

    def predict(self, X: Any, clusters: Any = None) -> np.ndarray:
        """Likeliest classes, (samples,)."""
        likeliest = self.predict_proba(X, clusters).argmax(1)
        found: np.ndarray = self.classes_[likeliest]
        return found

    def predict_interval(self, X: Any, clusters: Any = None, level: float = 0.9) -> np.ndarray:
        """Interval of the probability of the second class, over what is not known of clusters, (samples, 2).

        Of a cluster that was trained on it is what its samples leave open, of a new one how clusters differ.
        The network is taken as it is.
        """
        x, columns = self._with_clusters(X, clusters)
        return score_intervals(self.method_, x, columns, level=level).cpu().numpy()

    def score(self, X: Any, y: Any, clusters: Any = None, sample_weight: Any = None) -> float:
        """Accuracy."""
        return float(accuracy_score(y, self.predict(X, clusters), sample_weight=sample_weight))
