"""Which clusters are unseen: held out whole, so that no sample of them is trained on."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import ArmedWarning, ConfigError, DataError
from armed_study.messages import counted, listing, suggestion
from armed_study.vocabulary.names import same_name

SCHEMES = ("none", "held_out", "named", "smallest", "seen_largest", "leave_out")


def unseen_clusters(samples: pd.DataFrame, scheme: Mapping[str, Any], study: str) -> set[str]:
    """Return the names of the clusters that are unseen in every fold.

    Parameters
    ----------
    samples
        Columns `cluster` (text) and `held_out` of every sample. Clusters that the source holds out
        are unseen under every scheme but `none`, which leaves them out, and `leave_out`, which
        deals them to its parts.
    scheme
        See `armed_study.splits.make_splits.make_splits`.
    study
        Name of the study, for messages.

    Raises
    ------
    ConfigError, DataError
        An unknown scheme, a cluster that does not exist, or fewer than 2 clusters left to train on.
    """
    sizes = samples.loc[~samples["held_out"], "cluster"].value_counts()
    order = sorted(sizes.index, key=lambda cluster: (sizes[cluster], cluster))
    held = set(samples.loc[samples["held_out"], "cluster"])
    selected = _selected(order, held, scheme, study)
    left = len(set(order) - selected)
    if left < 2:
        raise DataError(
            f"study '{study}': {len(selected - held)} of {len(order)} clusters are unseen, which "
            f"leaves {left}, expected at least 2 to train on; change splits.unseen"
        )
    return selected


def deal_clusters(
    samples: pd.DataFrame, parts: int, rng: np.random.Generator, study: str
) -> dict[str, int]:
    """Deal whole clusters to `parts` parts of like number and size; cluster -> part."""
    trained = samples["cluster"][~samples["held_out"]]
    count = trained.nunique()
    if not 2 <= parts <= count or count - -(-count // parts) < 2:
        raise DataError(
            f"study '{study}': splits.unseen.folds is {parts} for {counted(count, 'cluster')}, expected 2 "
            "to the number of clusters with at least 2 of them left to train on; change it"
        )
    dealt: dict[str, int] = {}
    for clusters in (trained, samples["cluster"][samples["held_out"]]):
        sizes = clusters.value_counts()
        shuffled = rng.permutation(sorted(sizes.index))
        names = sorted(map(str, shuffled), key=lambda name: -sizes[name])
        for start in range(0, len(names), parts):
            block = names[start : start + parts]
            dealt |= dict(zip(block, map(int, rng.permutation(parts)), strict=False))
    return dealt


def _selected(order: list[str], held: set[str], scheme: Mapping[str, Any], study: str) -> set[str]:
    """Return the unseen clusters, given the others by size and those that the source holds out."""
    match scheme.get("scheme"):
        case "none":
            if held:
                warnings.warn(
                    f"study '{study}': held-out cluster {listing(sorted(held), 3)} is in no fold, "
                    "as splits.unseen.scheme is none, expected to be unseen; set it to "
                    "held_out to evaluate on them",
                    ArmedWarning,
                    stacklevel=4,
                )
            return set()
        case "leave_out":
            _setting(scheme, "folds", study)
            return set()
        case "held_out":
            if not held:
                raise DataError(
                    f"study '{study}': splits.unseen.scheme is held_out but the data hold no "
                    "cluster out, expected at least one; choose named, smallest, seen_largest or "
                    "leave_out"
                )
            return held
        case "named":
            return _named(order, held, _setting(scheme, "clusters", study), study) | held
        case "smallest":
            return set(order[: _count(order, scheme, study, len(order) - 1)]) | held
        case "seen_largest":
            most = len(order) if held else len(order) - 1  # something has to be unseen
            return set(order[: len(order) - _count(order, scheme, study, most)]) | held
    raise ConfigError(
        f"study '{study}': splits.unseen.scheme is '{scheme.get('scheme')}', expected one of "
        f"{listing(SCHEMES)}; correct it"
    )


def _named(order: list[str], held: set[str], names: Any, study: str) -> set[str]:
    wanted = {str(name) for name in names} if isinstance(names, list | tuple) else {str(names)}
    wanted = {same_name(name, {*order, *held}) for name in wanted}
    absent = sorted(wanted - set(order) - held)
    if absent:
        raise ConfigError(
            f"study '{study}': unseen cluster {listing(absent)} is not in the data"
            f"{suggestion(absent[0], order)}, expected some of {listing(sorted(order))}; correct "
            "splits.unseen.clusters"
        )
    return wanted


def _setting(scheme: Mapping[str, Any], key: str, study: str) -> Any:
    if key not in scheme:
        raise ConfigError(
            f"study '{study}': splits.unseen.scheme {scheme['scheme']} has no '{key}', expected "
            f"it next to the scheme; add splits.unseen.{key}"
        )
    return scheme[key]


def _count(order: list[str], scheme: Mapping[str, Any], study: str, most: int) -> int:
    count = int(_setting(scheme, "count", study))
    if not 1 <= count <= most:
        raise ConfigError(
            f"study '{study}': splits.unseen.count is {count}, expected 1 to {most}, as "
            f"the data have {counted(len(order), 'cluster')}; change it"
        )
    return count
