"""Names, colours and order of models, metrics, partitions and clusters, alike in all figures."""

import re
import zlib
from collections.abc import Iterable

# Display order of the models, with label and colour. Hues after P. Tol's muted scheme and Okabe
# and Ito, which stay apart for colour-blind readers; methods without a network are grey, but for one whose
# lines cross those of mixed models.
MODELS: dict[str, tuple[str, str]] = {
    "manufacturer": ("Manufacturer alone", "#C4C4C4"),
    "prevalence": ("Prevalence", "#A6A6A6"),
    "logistic": ("Logistic regression", "#7F7F7F"),
    "linear_regression": ("Linear regression", "#7F7F7F"),
    "poisson_regression": ("Poisson regression", "#7F7F7F"),
    "multinomial_regression": ("Multinomial regression", "#7F7F7F"),
    "ridge": ("Ridge regression", "#7F7F7F"),
    "combat_ridge": ("ComBat, ridge regression", "#9E9E9E"),
    "own_cluster": ("Ridge regression, own cluster alone", "#B0B0B0"),
    "own_cluster_random": ("Ridge regression, random cluster alone", "#C0C0C0"),
    "target_encoding": ("Target encoding", "#666666"),
    "hist_gradient_boosting": ("Gradient boosting", "#B3B3B3"),
    "gpboost": ("Gradient boosting, mixed model", "#4477AA"),
    "glmm": ("Logistic mixed model", "#4D4D4D"),
    "mixed_model": ("Mixed model", "#4D4D4D"),
    "pca_ridge": ("Principal components", "#7F7F7F"),
    "pca_glmm": ("Principal components, mixed model", "#4D4D4D"),
    "frozen_encoder": ("Frozen encoder", "#999999"),
    "univariate": ("Univariate mixed models", "#4D4D4D"),
    "pca": ("Principal components, classifier", "#8C8C8C"),
    "conventional": ("Conventional", "#332288"),
    "cluster_input": ("Cluster input", "#56B4E9"),
    "cluster_input_plus": ("Cluster input+", "#3A7CA5"),
    "cluster_embedding": ("Cluster embedding", "#88CCEE"),
    "domain_adversarial": ("Domain adversarial", "#117733"),
    "mldg": ("MLDG", "#999933"),
    "coral": ("CORAL", "#661100"),
    "group_dro": ("GroupDRO", "#AA4499"),
    "menet": ("MeNet", "#B8860B"),
    "lmmnn": ("LMMNN", "#44AA99"),
    "armed": ("ARMED", "#D55E00"),
    "armed_no_adversary": ("ARMED, no adversary", "#E58A92"),
    "armed_not_cross_fitted": ("ARMED, not cross-fitted", "#004488"),
    "armed_randomized_z": ("ARMED, randomised z", "#882255"),
    "oracle_no_cluster": ("Oracle, cluster unknown", "#000000"),
    "oracle": ("Oracle, cluster known", "#000000"),
}
_OTHERS = ("#AA4499", "#6699CC", "#EE8866", "#661100", "#7A9A01", "#004488", "#BB5566", "#997700")

_METRICS = {
    "accuracy": "Accuracy",
    "auroc": "AUROC",
    "auroc_within": "Within-cluster AUROC",
    "auprc": "AUPRC",
    "balanced_accuracy": "Balanced accuracy",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "Positive predictive value",
    "npv": "Negative predictive value",
    "f1": "F1 score",
    "brier": "Brier score",
    "ece": "Calibration error",
    "log_loss": "Log loss",
    "r2": "R²",
    "r2_within": "Within-cluster R²",
    "correlation_within": "Within-cluster correlation",
    "rmse": "Root mean squared error",
    "mae": "Mean absolute error",
    "d2": "D² (deviance explained)",
    "d2_within": "Within-cluster D²",
    "poisson_deviance": "Mean Poisson deviance",
    "bayes_agreement": "Agreement with the Bayes classifier",
    "threshold": "Decision threshold",
    "mse": "Mean squared error",
    "ssim": "Structural similarity (SSIM)",
    "brightness": "Brightness",
    "contrast": "Contrast",
    "sharpness": "Sharpness",
    "snr": "Signal to noise",
    "davies_bouldin": "Davies-Bouldin index",
    "calinski_harabasz": "Calinski-Harabasz index",
    "distance_one_source": "Distance, one PDX on two dates",
    "distance_one_cluster": "Distance, two PDX on one date",
    "distance_ratio": "Ratio of these distances",
    "cluster_balanced_accuracy": "Balanced accuracy for the date",
}
_PARTITIONS = {
    "train": "Seen clusters, training",
    "validation": "Seen clusters, validation",
    "test": "Seen clusters (test)",
    "unseen": "Unseen clusters",
    "seen": "Seen clusters, all samples",
}
ASSIGNMENTS = {
    "known": "own cluster",
    "none": "cluster not used",
    "membership": "inferred membership",
    "average": "average of the seen clusters",
    "marginal": "random effects integrated over",
    "zero": "zero random effects",
    "random": "random cluster",
}

COMPONENTS = {
    "gain": "Gain",
    "cluster": "Effects of the cluster",
    "population": "Without these effects",
    "adversary": "Adversary",
    "linear_path": "Linear path",
    "capacity": "Twice the units",
}


def model_label(model: str) -> str:
    """Give the readable name of a model; ``armed_wide`` becomes ``ARMED, wide``."""
    if model in MODELS:
        return MODELS[model][0]
    stem = _known_stem(model)
    rest = model[len(stem) :].strip("_").replace("_", " ")
    return f"{MODELS[stem][0]}, {rest}" if stem else model.replace("_", " ")


def model_name(model: str) -> str:
    """Give the name of a model within a sentence, where a comma would end it: ``ARMED (wide)``."""
    name, _, rest = model_label(model).partition(", ")
    return f"{name} ({rest})" if rest else name


def model_colour(model: str) -> str:
    """Give the colour of a model: fixed for the known ones, by a hash of its name for others."""
    if model in MODELS:
        return MODELS[model][1]
    return _OTHERS[zlib.crc32(model.encode()) % len(_OTHERS)]


def order_models(models: Iterable[str]) -> list[str]:
    """Sort models as all figures show them; an unknown one follows the model it is named after."""
    known = list(MODELS)
    others = known.index("oracle_no_cluster") - 0.5

    def place(model: str) -> tuple[float, int, str]:
        stem = model if model in MODELS else _known_stem(model)
        return (known.index(stem) if stem else others, int(model not in MODELS), model)

    return sorted(set(map(str, models)), key=place)


def metric_label(metric: str) -> str:
    """Give the readable name of a metric."""
    return _METRICS.get(metric, metric.replace("_", " ").capitalize())


def order_metrics(metrics: Iterable[str]) -> list[str]:
    """Sort metrics as tables show them, unknown ones last by name."""
    known = list(_METRICS)
    return sorted(set(map(str, metrics)), key=lambda name: (
        known.index(name) if name in known else len(known), name))  # fmt: skip


def partition_label(partition: str) -> str:
    """Give the readable name of a partition, saying whose clusters it holds."""
    return _PARTITIONS.get(partition, partition)


def order_clusters(clusters: Iterable[object]) -> list[str]:
    """Sort cluster names so that ``cluster 10`` follows ``cluster 9``."""
    return sorted(set(map(str, clusters)), key=_natural)


def cluster_label(cluster: object) -> str:
    """Give a panel title for a cluster: a bare number gets the word before it."""
    name = str(cluster)
    return f"cluster {name}" if re.fullmatch(r"[\d.]+", name) else name


def _known_stem(model: str) -> str:
    stems = [name for name in MODELS if model.startswith(f"{name}_")]
    return max(stems, key=len, default="")


def _natural(name: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part]
