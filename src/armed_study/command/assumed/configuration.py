"""The configuration of the study of an unknown table: one recipe for all networks, and other models."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from armed.errors import ConfigError
from armed_study.command.assumed.assumptions import Assumed
from armed_study.io.atomic import replacing

_FEW_CLUSTERS = 10  # tell no variances of slopes
_NETWORK = {"hidden": [8, 8], "linear_path": True}
_TRAINING = {
    "epochs": 20, "batch_size": 32, "learning_rate": 0.003, "optimizer": "AdamW", "weight_decay": 1.0,
    "schedule": "one_cycle", "class_weights": False, "patience": None,
}  # fmt: skip
_ARMED = {"method": "armed", "adversary_weight": 0.1, "kl_weight": 0.001}
_NETWORKS: dict[str, dict[str, Any]] = {
    "conventional": {},
    "cluster_input": {},
    "domain_adversarial": {"adversary_weight": 0.1},
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


def configuration(assumed: Assumed, *, name: str, factors: Sequence[str] = ()) -> dict[str, Any]:
    """Write the configuration of a study of one table, whole, for a folder of its own.

    Parameters
    ----------
    assumed
        What is assumed of the table.
    name
        Of the study.
    factors
        Further cluster factors, with a random intercept each.
    """
    kind = assumed.data["outcome"].get("kind", "binary")
    parts = min(5, assumed.clusters)
    scheme = {"scheme": "leave_out", "folds": parts} if parts > 2 else {"scheme": "none"}
    study = {
        "kind": "table",
        "family": name,
        "title": f"{name} (by {assumed.data['cluster']})",
        "data": assumed.data,
        "splits": {
            "folds": 5, "seeds": 2, "validation": 0.2, "unseen": scheme, "small_strata": "merge",
        },
        "standardize": True,
        "network": _NETWORK,
        "training": _TRAINING,
        "adversary": {"hidden": [8, 8]},
        "random_effects": _effects(assumed, factors),
        "membership": {"network": {"hidden": [16]}, "training": _TRAINING},
        "models": _models(kind),
    }  # fmt: skip
    return {"seed": 2023, "reference_model": "armed", "studies": {name: study}}


def _effects(assumed: Assumed, factors: Sequence[str]) -> dict[str, Any]:
    if factors:
        terms = [f"(1 | {factor})" for factor in (assumed.data["cluster"], *factors)]
        return {"formula": " + ".join(terms)}
    slopes = {"input_slope": 0.1} if assumed.clusters >= _FEW_CLUSTERS else {}
    return {"intercept": 0.5, **slopes}


def _models(kind: str) -> dict[str, Any]:
    lacking = {"lmmnn"} if kind == "categorical" else set()
    networks = {name: dict(block) for name, block in _NETWORKS.items() if name not in lacking}
    return {**networks, **{name: {} for name in _OTHERS[kind]}}


def name_of(path: Path) -> str:
    """Make the name of a study from that of its file: lower-case letters, digits and underscores."""
    name = re.sub(r"[^a-z0-9]+", "_", path.name.split(".")[0].lower()).strip("_")
    return name if re.match(r"[a-z]", name) else f"study_{name}".rstrip("_")


def text_of(config: Mapping[str, Any], heading: Sequence[str]) -> str:
    """Return a configuration as YAML, with a heading of comments."""
    body = yaml.dump(
        dict(config), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110,
        default_flow_style=None,
    )  # fmt: skip
    return "".join(f"# {line}\n" if line else "#\n" for line in heading) + body


class _Plain(yaml.SafeDumper):
    """Writes each block out, though two are the same."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raise `ConfigError` if a file is there and ``force`` is not said."""
    if path.exists() and not force:
        raise ConfigError(
            f"{path}: is there already, expected a new file; name another by --output, or say --force "
            "to replace it"
        )


def save(text: str, path: Path) -> None:
    """Write a configuration, whole or not at all."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
