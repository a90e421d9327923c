"""Names of a model's settings: `training.weight_decay` of a block, `kl_weight` of its method."""

from collections.abc import Mapping
from typing import Any


def block_of(name: str) -> str:
    """Block of a setting; empty if it is the method's own."""
    return name.rpartition(".")[0]


def changed(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings of a model with other values of those that are named."""
    made: dict[str, Any] = dict(settings)
    for name, value in changes.items():
        block, _, own = name.rpartition(".")
        made[block or own] = {**made.get(block, {}), own: value} if block else value
    return made


def value_of(settings: Mapping[str, Any], name: str) -> Any:
    """Return the value of a setting; None if it is left out."""
    block, _, own = name.rpartition(".")
    return (settings.get(block, {}) if block else settings).get(own)
