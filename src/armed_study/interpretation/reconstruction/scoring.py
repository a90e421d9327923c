"""Everything that is scored of reconstructions and latents."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from armed_study.interpretation.image_summaries import summarise_errors
from armed_study.interpretation.latents.distances import space_sources
from armed_study.interpretation.latents.latents import score_latents
from armed_study.interpretation.reconstruction.classifying import summarise_auroc
from armed_study.interpretation.reconstruction.tabulating import (
    Table,
    tabulate_errors,
    tabulate_latents,
)


@dataclass(frozen=True, eq=False)
class Scored:
    """Tables of the workflow, and what readers get, by name.

    ``summary`` is the table ``reconstruction_summary``, ``scores`` ``latent_scores`` and ``distances``
    ``latent_distances``.
    """

    summary: pd.DataFrame
    scores: pd.DataFrame
    distances: pd.DataFrame
    pages: dict[str, Table]


def score_reconstruction(
    tables: Mapping[str, pd.DataFrame],
    published: pd.DataFrame,
    *,
    rows: Mapping[str, Mapping[str, str]],
    seed: int,
) -> Scored:
    """Score reconstructions and latents, and set the published values beside them.

    Parameters
    ----------
    tables
        Tables ``samples``, ``frames``, ``reconstruction``, ``predictions`` and ``latents``, the last three
        of all networks that reconstruct.
    published, rows, seed
        See `tabulate_errors`, `summarise_errors` and `score_latents`.
    """
    frames = tables["frames"]
    sources = frames["pdx"].astype(str).set_axis(frames["sample"].astype(str))
    samples = tables["samples"]
    errors = summarise_errors(tables["reconstruction"], samples, rows=rows, seed=seed)
    auroc = summarise_auroc(tables["predictions"], samples, rows=rows, seed=seed)
    summary = pd.concat([errors, auroc], ignore_index=True)
    scores = score_latents(tables["latents"], samples, sources, seed=seed)
    distances = space_sources(tables["latents"], samples, sources)
    pages = {
        "reconstruction": tabulate_errors(summary, published),
        "latents": tabulate_latents(scores, published),
    }
    return Scored(summary, scores, distances, pages)
