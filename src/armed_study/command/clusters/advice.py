"""The cluster report in words: what was found, and what an honest evaluation is."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from armed_study.command.clusters.found import ClusterReport
from armed_study.data.dataset import ClusteredDataset
from armed_study.messages import counted, named

# Shares of the way from guessing to certainty.
_MUCH = 0.5
_MUCH_OF_OUTCOME = 0.4
_SOME = 0.1

_TOO_GOOD = 0.9  # AUROC or R2 of one feature
_APART = 0.5  # difference of shares of missing values between clusters
_FEW_CLUSTERS = 10
_FEW_SAMPLES = 5
_SHOWN = 5

_OF_COLUMNS = "leave out what is no measure of the sample"
_OF_IMAGES = (
    "bring brightness and contrast to one scale (data.images.scale: each), if they mean nothing"
)

Sections = list[tuple[str, str]]


def sections(found: ClusterReport, dataset: ClusteredDataset, study: Mapping[str, Any]) -> Sections:
    """Return the report: labels and sentences.

    Parameters
    ----------
    found
        What was found of the clusters.
    dataset
        Of which study.
    study
        Its block of the configuration.
    """
    numbers = dataset.outcome.kind in ("continuous", "count")
    # Measures of an image are no columns that could be left out.
    images = study.get("kind") == "images"
    return [
        ("clusters", _sizes(found)),
        ("outcome", _outcome(found, dataset.outcome.kind)),
        *_by_cluster(found, numbers=numbers),
        ("features", _together(found)),
        *_giveaways(found, _OF_IMAGES if images else _OF_COLUMNS),
        *([] if images else _too_good(found, numbers=numbers)),
        ("missing", _missing(found)),
        *(("advice", text) for text in _advice(found, dataset, study)),
    ]


def _sizes(found: ClusterReport) -> str:
    sizes = found.sizes
    few = int((sizes < _FEW_SAMPLES).sum())
    small = f"; {few} with fewer than {_FEW_SAMPLES} samples" if few else ""
    return (
        f"{counted(len(sizes), 'cluster')} of {sizes.min():,} to {sizes.max():,} samples, median "
        f"{sizes.median():,.0f}{small}. The largest, '{sizes.index[0]}', has "
        f"{sizes.iloc[0] / sizes.sum():.0%} of all samples."
    )


def _outcome(found: ClusterReport, kind: str) -> str:
    shares = {
        "binary": "share of the outcome 1",
        "categorical": "share of the most frequent class",
    }
    form = "{:.0%} to {:.0%}" if kind in shares else "{:.3g} to {:.3g}"
    span = form.format(found.level.min(), found.level.max())
    low, high = found.interval
    single = (
        f" In {counted(len(found.single_outcome), 'cluster')} every sample has the same outcome."
        if found.single_outcome
        else ""
    )
    return (
        f"By cluster, the {shares.get(kind, 'mean of the outcome')} goes from {span}. The intraclass "
        f"correlation, the share of its variance that lies between clusters, is {found.icc:.2f} (95 % "
        f"interval {low:.2f} to {high:.2f}).{single}"
    )


def _by_cluster(found: ClusterReport, *, numbers: bool) -> Sections:
    if np.isnan(found.mean_score):
        return []
    gain = found.mean_score if numbers else 2 * found.mean_score - 1
    much = "much" if gain > _MUCH_OF_OUTCOME else "something"
    said = (
        f"The cluster alone tells {much if gain > _SOME else 'little or nothing'} of the outcome of "
        f"left-out samples: {'R2' if numbers else 'AUROC'} {found.mean_score:.2f}, without any feature. A "
        "model that beats it by little has learned clusters."
    )
    return [("by cluster", said)]


def _together(found: ClusterReport) -> str:
    if np.isnan(found.cross_entropy):
        return "Too few samples in each cluster to see how far features tell it."
    gain = _told(found)
    word = "hardly tell" if gain < _SOME else "tell" if gain > _MUCH else "partly tell"
    return (
        f"Together the features {word} the cluster: cross-entropy {found.cross_entropy:.2f} on left-out "
        f"samples, {found.entropy:.2f} without them (0 is certainty)."
    )


def _told(found: ClusterReport) -> float:
    """Share of the way from the shares of clusters to certainty; 0 if it is not known."""
    return max(1 - found.cross_entropy / found.entropy, 0.0) if found.entropy > 0 else 0.0


def _giveaways(found: ClusterReport, remedy: str) -> Sections:
    notes = []
    strong = found.cluster_scores[found.cluster_scores > _MUCH]
    if len(strong):
        shown = named([f"{name} ({share:.0%})" for name, share in strong.items()])
        said = (
            f"Tells the cluster by itself, from guessing (0%) to certainty (100%): {shown}. A network "
            f"will find it: {remedy}."
        )
        notes.append(("giveaways", said))
    if found.constant_within:
        said = (
            f"The same in all samples of each cluster: {named(found.constant_within)}. The effect of such a "
            "property cannot be told from those of the clusters unless there are many."
        )
        notes.append(("giveaways", said))
    return notes


def _too_good(found: ClusterReport, *, numbers: bool) -> Sections:
    strong = found.outcome_scores[found.outcome_scores > _TOO_GOOD]
    if strong.empty:
        return []
    shown = named([f"{name} ({score:.2f})" for name, score in strong.items()])
    said = (
        f"Predicts the outcome by itself ({'R2' if numbers else 'AUROC'} on left-out samples): {shown}. "
        "What is not known before the outcome is the outcome in other words: leave it out by --exclude."
    )
    return [("too good", said)]


def _missing(found: ClusterReport) -> str:
    table = found.missing
    if table.empty:
        return "No feature has missing values."
    span = table["highest"] - table["lowest"]
    apart = table[span > _APART]
    if apart.empty:
        low, high = table.to_numpy()[span.argmax()]
        return (
            f"{counted(len(table), 'feature')} with missing values, in like shares everywhere; they "
            f"differ most for {span.idxmax()}: {low:.0%} to {high:.0%} by cluster."
        )
    shown = [f"{name} ({row.lowest:.0%} to {row.highest:.0%})" for name, row in apart.iterrows()]
    return (
        f"Missing in some clusters and not in others: {named(shown)}. Where values are missing tells the "
        "cluster; `missing: indicate` in the configuration makes that a feature of its own."
    )


def _advice(found: ClusterReport, dataset: ClusteredDataset, study: Mapping[str, Any]) -> list[str]:
    clusters, said = len(found.sizes), []
    if study["splits"]["unseen"]["scheme"] == "none":
        said.append(
            "With so few clusters none is left out: results are of new samples of these clusters only."
        )
    else:
        said.append(
            "For new clusters only whole clusters that are left out of training tell the truth; for new "
            "samples of known clusters, left-out samples of each. The study reports both, apart."
        )
    if clusters < _FEW_CLUSTERS:
        said.append(
            f"{counted(clusters, 'cluster')} say little of clusters in general: intervals over unseen "
            "ones will be wide, and no variance of slopes can be estimated."
        )
    if dataset.samples["group"].isna().all():
        said.append(
            "If rows belong together (visits of a patient), say so by --group: no split must cut them."
        )
    if found.single_outcome:
        said.append(
            "Clusters of one outcome have no AUROC of their own: read scores within clusters with care."
        )
    if found.interval[0] > 0 and _told(found) > _SOME:
        said.append(
            "The outcome differs by cluster and features tell the cluster: a plain network can learn "
            "clusters instead of the outcome. Look at scores within clusters and on unseen clusters."
        )
    return said
