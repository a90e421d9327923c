"""Study kind `livecell`: metastatic efficiency of melanoma cells from live-cell images.

Samples are frames, clusters the dates on which they were taken, groups the cells; splits balance the
xenografts (PDX) within each date. The tree of frames is the user's, or simulated, with its truth.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from armed_study.data.dataset import ClusteredDataset, Prepared
from armed_study.io.image_arrays import gather_images
from armed_study.io.tables import cast_table, read_table
from armed_study.simulation.raw_files import truth_of, write_raw_files
from armed_study.studies.livecell import GENERATED, TRUTH
from armed_study.studies.livecell.tree import find_cells, seen_dates

FOUND, TAKEN = "frames found", "frames taken"
SEEN, UNSEEN = "seen dates", "unseen dates"


def simulate(settings: Mapping[str, Any], seed: int, folder: Path, workers: int) -> None:
    """Write the simulated tree and its truth into a folder; no byte depends on `workers`."""
    from armed_study.simulation.livecell import LivecellSettings, truth, write_tree

    sizes = LivecellSettings.from_config(settings["generated"], where="data.generated")
    write = partial(write_tree, settings=sizes, seed=seed, workers=workers)
    write_raw_files(folder, write, TRUTH, truth(sizes, seed))


def prepare(
    study: str,
    settings: Mapping[str, Any],
    *,
    tree: Path,
    parts: Sequence[tuple[Path, Path]],
    truth: Sequence[Path],
    images: Path,
) -> tuple[Prepared, pd.DataFrame]:
    """Join the prepared batches of cells to a data set; writes its images.

    Parameters
    ----------
    study
        Name of the study, for messages.
    settings
        Its `data` block.
    tree
        The tree of frames.
    parts
        Images and table `frames` of each batch, as `armed_study.studies.livecell.batch.prepare_part` writes
        them.
    truth
        Truth of cells and of dates where the tree is generated, else nothing.
    images
        Where the images of the samples are to be written.

    Returns
    -------
    The data set with what else is known of it, and the table `frames` in the order of its samples.

    Raises
    ------
    ConfigError, DataError
        A tree of which no study can be made.
    """
    read = pd.concat([read_table(table, "frames") for _, table in parts], ignore_index=True)
    cells = find_cells(tree, settings["cell_names"])
    seen = seen_dates(cells, settings["seen_dates"], tree)
    frames = read.astype({"sample": str}).sort_values("sample", ignore_index=True)
    gather_images(
        images, [array for array, _ in parts], read["sample"].astype(str), list(frames["sample"])
    )
    samples = pd.DataFrame(
        {
            "sample": frames["sample"],
            "cluster": frames["cluster"].astype(str),
            "group": frames["cell"].astype(str),
            "outcome": (frames["phenotype"] == "high").astype("float32"),
            "held_out": ~frames["cluster"].isin(seen),
            "stratum": "PDX " + frames["pdx"].astype(str),
        }
    )
    generated = settings["source"] == GENERATED
    origin = (
        "generated: phase-contrast images of cells, with traits and batch effects of known size"
        if generated
        else f"real data: the user's live-cell images {tree.name}"
    )
    dataset = ClusteredDataset(study, samples, (), origin, generated, images)
    extra = {"flow": _flow(frames, samples)}
    if generated:
        extra["truth"] = _sample_truth(truth[0], samples)
        extra["cluster_truth"] = pd.read_csv(truth[1], dtype={"cluster": str})
    return Prepared(dataset, **extra), cast_table(frames, "frames")


def _flow(frames: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Return table `flow`: from the frames found to those of seen and of unseen dates."""
    found = int(frames.drop_duplicates("cell")["found"].sum())
    away = int(samples["held_out"].sum())
    rows = [(0, FOUND, "", found), (1, TAKEN, "", len(samples))]
    if skipped := found - len(samples):
        rows += [(1, TAKEN, "between those taken", skipped)]
    rows += [(2, SEEN, "", len(samples) - away), (3, UNSEEN, "", away)]
    return pd.DataFrame(rows, columns=["order", "stage", "reason", "count"])


def _sample_truth(path: Path, samples: pd.DataFrame) -> pd.DataFrame:
    """Return the oracles of each sample, which are those of its cell."""
    cells = truth_of(pd.read_csv(path), "cell", samples["group"], path).set_index("cell")
    oracles = cells.loc[samples["group"], ["oracle", "oracle_no_cluster"]].reset_index(drop=True)
    oracles.insert(0, "sample", samples["sample"])
    return oracles
