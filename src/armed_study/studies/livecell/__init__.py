"""Metastatic efficiency of melanoma cells from live-cell images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from armed_study.provenance.users_files import stamps
from armed_study.studies.livecell.tree import cells_of_part, find_cells, find_frames, seen_dates

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


def part_state(data: Mapping[str, Any], part: str) -> list[str]:
    """Frames of one part, which of its cells are of seen dates, and the frame that all must be like."""
    root = Path(data["source"]["path"])
    cells = find_cells(root, data["cell_names"])
    seen = seen_dates(cells, data["seen_dates"], root)
    own = cells_of_part(cells, part)
    frames = [*find_frames(cells[0])[:1], *(frame for cell in own for frame in find_frames(cell))]
    return [
        *(cell.key for cell in own if cell.date in seen),
        *stamps((path for _, path in frames), root),
    ]


def origin(data: Mapping[str, Any]) -> str:
    """Generated, or the user's tree."""
    if data["source"] == GENERATED:
        return "generated phase-contrast images of cells"
    return f"real data: the user's live-cell images {data['source']['path']}"
