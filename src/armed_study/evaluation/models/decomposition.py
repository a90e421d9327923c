"""Where the gain of a model with cluster effects comes from: contrasts that differ in one thing each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from armed_study.evaluation.models.pairs import Pairs, adjusted
from armed_study.evaluation.scoring import Output
from armed_study.io.schemas import TABLES
from armed_study.io.tables import cast_table
from armed_study.vocabulary.reported import REPORTED
from armed_study.vocabulary.terms import PLAIN

_OWN = ("known", "membership")
_OTHERS = ("zero", "average", "marginal", "random")
Ablation = Sequence[str]
"""Component of the gain, model that has it, and model that has it not but is the same in all else."""


def decompose(
    pairs: Pairs,
    ablations: Sequence[Ablation],
    *,
    reference: str,
    metrics: Sequence[str],
) -> pd.DataFrame:
    """Take the gain of the reference model over the network alone apart: table `decomposition`.

    Models are set against each other by the output that they are reported by; the same trained model
    scored with other effects of clusters needs no training. Components, each on seen and on unseen
    clusters, tested like all differences (`pairs.Pairs.difference`):

    - ``gain``: the model less the network alone, and less each variant of that one.
    - ``cluster``: with the effects of the sample's own cluster (unseen: of the clusters that it is
      inferred to be like) less with none, with the average, and with another cluster's.
    - ``population``: the model without effects less the network alone; with ``cluster`` less none it
      adds up to ``gain``.
    - those of ``ablations``: a model less the same without the one thing.

    Parameters
    ----------
    metrics
        Metrics that come first.
    """
    order = dict.fromkeys([*(m for m in metrics if m in pairs.metrics), *pairs.metrics])
    lines = []
    for partition in REPORTED:
        shown = {m: out for (part, m), out in pairs.reported.items() if part == partition}
        for component, one, less in _contrasts(pairs, shown, ablations, reference):
            sides = (*one[1:3], *less[1:3])
            for metric in order:
                test, name = pairs.difference(metric, one, less)
                lines.append((pairs.study, partition, metric, component, *sides, *test, name))
    table = pd.DataFrame(lines, columns=TABLES["decomposition"].names[:-2])
    return cast_table(adjusted(table), "decomposition")


def _contrasts(
    pairs: Pairs,
    shown: Mapping[str, Output],
    ablations: Sequence[Ablation],
    reference: str,
) -> Iterator[tuple[str, Output, Output]]:
    """Give the contrasts of a partition: component, what has it, and what has it not.

    ``shown`` is the output that each model is reported by there.
    """
    own = shown.get(reference)
    if own is not None:
        variants = [m for _, *both in ablations if PLAIN in both for m in both]
        networks = [m for m in dict.fromkeys([PLAIN, *variants]) if m in shown and m != reference]
        yield from (("gain", own, shown[name]) for name in networks)
        if own[2] in _OWN:
            scored = {output[2]: output for output in pairs.outputs if _like(output, own)}
            others = [scored[name] for name in _OTHERS if name in scored]
            yield from (("cluster", own, other) for other in others)
            if "zero" in scored and PLAIN in networks:
                yield "population", scored["zero"], shown[PLAIN]
    for component, whole, part in ablations:
        if whole in shown and part in shown:
            yield component, shown[whole], shown[part]


def _like(output: Output, own: Output) -> bool:
    """Whether it is the same output of the same model, of the same samples with other clusters."""
    return (output[0], output[1], output[3]) == (own[0], own[1], own[3])
