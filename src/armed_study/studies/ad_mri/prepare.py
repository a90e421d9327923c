"""Study kind `ad_mri`: Alzheimer's disease or normal cognition from a coronal slice of an MRI scan.

Samples are the scans of a BIDS tree whose preparation left no doubt, clusters are their sites,
groups their participants. The tree is the user's, or simulated, with its truth.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import pandas as pd

from armed.errors import ConfigError, DataError
from armed_study.data.dataset import ClusteredDataset, Prepared
from armed_study.io.image_arrays import gather_images
from armed_study.io.tables import read_table
from armed_study.messages import listing
from armed_study.simulation.raw_files import truth_of, write_raw_files
from armed_study.studies.ad_mri import GENERATED, TRUTH
from armed_study.studies.ad_mri.scans.bids import Scan
from armed_study.studies.ad_mri.scans.participants import join_scans, read_participants

FOUND, KNOWN, USABLE, PAIRED = (
    "scans found", "of known participants", "with a usable image", "in strata of several subjects"
)  # fmt: skip
SEEN, UNSEEN = "seen sites", "unseen sites"


def simulate(settings: Mapping[str, Any], seed: int, folder: Path, workers: int) -> None:
    """Write the simulated tree and its truth into a folder; no byte depends on `workers`."""
    from armed_study.simulation.mri import MriSettings, truth, write_tree

    sizes = MriSettings.from_config(settings["generated"], where="data.generated")
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
    """Join the prepared batches of scans to a data set; writes its images.

    Parameters
    ----------
    study
        Name of the study, for messages.
    settings
        Its `data` block.
    tree
        The BIDS tree.
    parts
        Images and QC table of each batch, as `armed_study.studies.ad_mri.batch.prepare_batch` writes them.
    truth
        Truth of scans and of sites where the tree is generated, else nothing.
    images
        Where the images of the samples are to be written.

    Returns
    -------
    The data set with what else is known of it, and the table `qc` of all scans.

    Raises
    ------
    ConfigError, DataError
        A tree of which no study can be made.
    """
    qc = pd.concat([read_table(table, "qc") for _, table in parts], ignore_index=True)
    order = qc["sample"].astype(str)
    # From here on by name, so that nothing depends on how scans were dealt to batches.
    qc = qc.loc[order.argsort()].reset_index(drop=True)
    known, unknown = join_scans(cast(list[Scan], list(qc.itertuples())), read_participants(tree))
    seen_sites = _seen_sites(settings, known, study)
    known["usable"] = known["sample"].map(qc.set_index("sample")["usable"]).astype(bool)
    usable = known[known["usable"]]
    paired = usable[_in_strata_of_several(usable) | ~usable["site"].isin(seen_sites)]
    paired = paired.sort_values("sample").reset_index(drop=True)
    if paired.empty:
        raise DataError(
            f"study '{study}': none of {len(qc)} scans can be used, expected some; look at "
            f"results/{study}/qc.parquet for the reasons"
        )
    arrays = [array for array, _ in parts]
    gather_images(images, arrays, order, list(paired["sample"]))
    samples = pd.DataFrame(
        {
            "sample": paired["sample"].astype(str),
            "cluster": paired["site"].astype(str),
            "group": paired["participant"].astype(str),
            "outcome": paired["outcome"].astype("float32"),
            "held_out": ~paired["site"].isin(seen_sites),
        }
    )
    generated = settings["source"] == GENERATED
    origin = (
        "generated: brains deformed from a template, with disease and scanners of known effect"
        if generated
        else f"real data: the user's BIDS tree {tree.name}"
    )
    dataset = ClusteredDataset(study, samples, (), origin, generated, images)
    extra = {"flow": _flow(qc, known, unknown, usable, samples)}
    if generated:
        scans, sites = (pd.read_csv(path, dtype={"sample": str, "cluster": str}) for path in truth)
        own = truth_of(scans, "sample", samples["sample"], truth[0])
        extra["truth"] = own[["sample", "oracle", "oracle_no_cluster"]]
        extra["cluster_truth"] = truth_of(sites, "cluster", samples["cluster"], truth[1])
    return Prepared(dataset, **extra), qc


def _seen_sites(settings: Mapping[str, Any], known: pd.DataFrame, study: str) -> set[str]:
    wanted, present = set(settings["seen_sites"]), set(known["site"])
    if absent := sorted(wanted - present):
        raise ConfigError(
            f"study '{study}': data.seen_sites names {listing(absent)}, which no scan is of; expected "
            f"some of {listing(sorted(present), 12)}; correct it"
        )
    return wanted


def _in_strata_of_several(scans: pd.DataFrame) -> pd.Series:
    """Whether another participant of the same site has the same diagnosis."""
    people = scans.groupby(["site", "diagnosis"])["participant"].transform("nunique")
    return people > 1


def _flow(
    qc: pd.DataFrame,
    known: pd.DataFrame,
    unknown: pd.DataFrame,
    usable: pd.DataFrame,
    samples: pd.DataFrame,
) -> pd.DataFrame:
    """Return table `flow`: stages from the scans found to seen and unseen sites."""
    lost = known.loc[~known["usable"], "sample"]
    reasons = qc.set_index("sample").loc[lost, "reason"].astype(str).str.split(";").str[0]
    rows = [(0, FOUND, "", len(qc)), (1, KNOWN, "", len(known))]
    rows += [
        (1, KNOWN, str(reason), count)
        for reason, count in unknown[unknown["sample"] != ""]["reason"].value_counts().items()
    ]
    rows += [(2, USABLE, "", len(usable))]
    rows += [(2, USABLE, reason, count) for reason, count in reasons.value_counts().items()]
    rows += [(3, PAIRED, "", len(samples))]
    if alone := len(usable) - len(samples):
        rows += [(3, PAIRED, "the only subject of a site with the diagnosis", alone)]
    away = int(samples["held_out"].sum())
    rows += [(4, SEEN, "", len(samples) - away), (5, UNSEEN, "", away)]
    return pd.DataFrame(rows, columns=["order", "stage", "reason", "count"])
