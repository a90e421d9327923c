"""What studies of unknown data are trained by: one recipe for all networks, and other models."""

from collections.abc import Sequence
from typing import Any

from armed_study.command.assumed.assumptions import Assumed

REPEATED = {"table": {"folds": 5, "seeds": 2}, "images": {"folds": 3, "seeds": 1}}
"""Random splits, and trainings of each; as many splits leave clusters out. Images take their time."""

_FEW_CLUSTERS = 10  # tell no variances of slopes
_ADVERSARY_WEIGHT = 0.1
_ARMED = {"method": "armed", "adversary_weight": _ADVERSARY_WEIGHT, "kl_weight": 0.001}
_NETWORKS: dict[str, dict[str, Any]] = {
    "conventional": {},
    "cluster_input": {},
    "domain_adversarial": {"adversary_weight": _ADVERSARY_WEIGHT},
    "lmmnn": {},
    "armed": _ARMED,
    "armed_no_adversary": {**_ARMED, "adversary_weight": 0.0},
    "armed_randomized_z": {"alias_of": "armed", "assignment": "random"},
}
_OTHERS: dict[str, list[str]] = {
    "binary": ["logistic", "ridge", "glmm", "hist_gradient_boosting", "prevalence"],
    "continuous": ["linear_regression", "ridge", "mixed_model", "hist_gradient_boosting", "prevalence"],
    "count": ["poisson_regression", "ridge", "mixed_model", "hist_gradient_boosting", "prevalence"],
    "categorical": ["multinomial_regression", "ridge", "hist_gradient_boosting", "prevalence"],
}  # fmt: skip
_OF_TABLES = {
    "epochs": 20, "batch_size": 32, "learning_rate": 0.003, "optimizer": "AdamW", "weight_decay": 1.0,
    "schedule": "one_cycle", "class_weights": False, "patience": None,
}  # fmt: skip
_MOVED = {"rotation_sd": 0.06, "scale_sd": 0.04, "shift_sd": 0.04}
_LIT = {"gamma_sd": 0.25, "gain_sd": 0.1, "offset_sd": 0.05, "noise_sd": 0.02}
_OF_IMAGES = {
    "epochs": 30, "batch_size": 32, "learning_rate": 0.005, "optimizer": "AdamW", "weight_decay": 0.001,
    "schedule": "one_cycle", "class_weights": False, "patience": None, "augmentation": {**_MOVED, **_LIT},
}  # fmt: skip
_SLICES = {"kind": "slice_cnn", "filters": 8, "dropout": 0.3, "l1": 0.0}


def recipe(assumed: Assumed, factors: Sequence[str]) -> dict[str, Any]:
    """Blocks of the configuration that say what is trained, and how.

    Parameters
    ----------
    assumed
        What is assumed of the data.
    factors
        Further cluster factors, with a random intercept each.
    """
    of_kind = _of_images(assumed) if assumed.kind == "images" else _of_table(assumed, factors)
    return {**of_kind, "models": _models(assumed)}


def _of_table(assumed: Assumed, factors: Sequence[str]) -> dict[str, Any]:
    return {
        "standardize": True,
        "network": {"hidden": [8, 8], "linear_path": True},
        "training": _OF_TABLES,
        "adversary": {"hidden": [8, 8]},
        "random_effects": _effects(assumed, factors),
        "membership": {"network": {"hidden": [16]}, "training": _OF_TABLES},
    }


def _of_images(assumed: Assumed) -> dict[str, Any]:
    return {
        "standardize": False,
        "network": _SLICES,
        "training": _OF_IMAGES,
        "adversary": {
            "kind": "dense", "hidden": [32], "layers": "last", "bounded": True, "learning_rate_factor": 5,
        },
        "random_effects": {"intercept": 0.25},
        # Brightness and contrast may be what tells clusters apart.
        "membership": {"network": _SLICES, "training": {**_OF_IMAGES, "augmentation": _MOVED}},
    }  # fmt: skip


def _effects(assumed: Assumed, factors: Sequence[str]) -> dict[str, Any]:
    if factors:
        terms = [f"(1 | {factor})" for factor in (assumed.data["cluster"], *factors)]
        return {"formula": " + ".join(terms)}
    slopes = {"input_slope": 0.1} if assumed.clusters >= _FEW_CLUSTERS else {}
    return {"intercept": 0.5, **slopes}


def _models(assumed: Assumed) -> dict[str, Any]:
    kind = assumed.data["outcome"].get("kind", "binary")
    lacking = {"lmmnn"} if kind == "categorical" else set()
    networks = {name: dict(block) for name, block in _NETWORKS.items() if name not in lacking}
    others = _OTHERS[kind]
    if assumed.kind == "images":
        others = ["pca_ridge", "pca_glmm", "prevalence"] if kind == "binary" else ["prevalence"]
    return {**networks, **{name: {} for name in others}}
