"""Metastatic efficiency of melanoma cells from live-cell images."""

from collections.abc import Mapping
from typing import Any

from armed_study.studies.livecell.tree import cells_of_part, find_cells

PAGES = ("latents", "reconstruction")
METRICS = ("auroc", "auroc_within", "balanced_accuracy", "sensitivity", "specificity")
RAW_RULE = "simulate_frames"
IMAGES = "frames"
BATCHES = "armed_study.studies.livecell.batch"
TABLE = "frames"

GENERATED = "generated"
TREE, TRUTH = "tree", ("truth_cells.csv", "truth_dates.csv")


def raw_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Tree of frames, and the truth about cells and dates."""
    return (TREE, *TRUTH) if data["source"] == GENERATED else ()


def user_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The user's tree; its cells are asked for by batch."""
    return () if data["source"] == GENERATED else (data["source"]["path"],)


def part_files(data: Mapping[str, Any], part: str) -> tuple[str, ...]:
    """Folders of the user's cells in one part of them, ``i-of-n``."""
    cells = find_cells(data["source"]["path"], data["cell_names"])
    return tuple(str(cell.path) for cell in cells_of_part(cells, part))


def origin(data: Mapping[str, Any]) -> str:
    """Generated, or the user's tree."""
    if data["source"] == GENERATED:
        return "generated phase-contrast images of cells"
    return f"real data: the user's live-cell images {data['source']['path']}"
