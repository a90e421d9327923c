"""Study kind `livecell`: metastatic efficiency of melanoma cells from live-cell images.

Samples are frames, clusters the dates on which they were taken, groups the cells; splits balance the
xenografts (PDX) within each date. The tree of frames is the user's, or simulated, with its truth.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from armed_study.data.batches import Batches
from armed_study.data.dataset import Prepared
from armed_study.io.tables import cast_table
from armed_study.simulation.raw_files import truth_of, write_raw_files
from armed_study.studies.livecell import TRUTH
from armed_study.studies.livecell.tree import find_cells, seen_dates

FOUND, TAKEN = "frames found", "frames taken"
SEEN, UNSEEN = "seen dates", "unseen dates"


def simulate(settings: Mapping[str, Any], seed: int, folder: Path, workers: int) -> None:
    """Write the simulated tree and its truth into a folder; no byte depends on `workers`."""
    from armed_study.simulation import livecell

    sizes = livecell.LivecellSettings.from_config(settings["generated"], where="data.generated")
    write_raw_files(folder, TRUTH, livecell, sizes, seed, workers)


def prepare(batches: Batches) -> tuple[Prepared, pd.DataFrame]:
    """Join the prepared batches of cells to a data set; writes its images.

    Returns
    -------
    The data set with what else is known of it, and the table `frames` in the order of its samples.

    Raises
    ------
    ConfigError, DataError
        A tree of which no study can be made.
    """
    cells = find_cells(batches.tree, batches.settings["cell_names"])
    seen = seen_dates(cells, batches.settings["seen_dates"], batches.tree)
    frames = batches.rows()
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
    dataset = batches.join(
        samples,
        generated="phase-contrast images of cells, with traits and batch effects of known size",
        users="the user's live-cell images",
    )
    extra = {"flow": _flow(frames, samples)}
    if batches.truth:
        of_cells, of_dates = batches.truth
        extra["truth"] = _sample_truth(of_cells, samples)
        extra["cluster_truth"] = pd.read_csv(of_dates, dtype={"cluster": str})
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
