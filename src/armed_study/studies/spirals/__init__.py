"""Generated spirals."""

from collections.abc import Mapping
from typing import Any

METRICS = ("accuracy", "auroc", "auroc_within", "balanced_accuracy")
RAW_RULE = "simulate_samples"
RAW = ("samples.csv", "clusters.csv")


def raw_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Samples, and the truth about their clusters."""
    return RAW


def user_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """None: spirals are always generated."""
    return ()


def origin(data: Mapping[str, Any]) -> str:
    """Generated."""
    return "generated data"
