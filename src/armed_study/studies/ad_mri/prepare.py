"""Study kind `ad_mri`: Alzheimer's disease or normal cognition from a coronal slice of an MRI scan.

Samples are the scans of a BIDS tree whose preparation left no doubt, clusters are their sites,
groups their participants. The tree is the user's, or simulated, with its truth.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, cast

import pandas as pd

from armed.errors import ConfigError, DataError
from armed_study.data.batches import Batches
from armed_study.data.dataset import Prepared
from armed_study.messages import counted, listing
from armed_study.simulation.raw_files import truth_of, write_raw_files
from armed_study.studies.ad_mri import TRUTH
from armed_study.studies.ad_mri.scans.bids import Scan, find_images
from armed_study.studies.ad_mri.scans.participants import join_scans, read_participants

FOUND, KNOWN, USABLE, PAIRED = (
    "scans found", "of known participants", "with a usable image", "in strata of several subjects"
)  # fmt: skip
SEEN, UNSEEN = "seen sites", "unseen sites"


def simulate(settings: Mapping[str, Any], seed: int, folder: Path, workers: int) -> None:
    """Write the simulated tree and its truth into a folder; no byte depends on `workers`."""
    from armed_study.simulation import mri

    sizes = mri.MriSettings.from_config(settings["generated"], where="data.generated")
    write_raw_files(folder, TRUTH, mri, sizes, seed, workers)


def prepare(batches: Batches) -> tuple[Prepared, pd.DataFrame]:
    """Join the prepared batches of scans to a data set; writes its images.

    Returns
    -------
    The data set with what else is known of it, and the table `qc` of all scans.

    Raises
    ------
    ConfigError, DataError
        A tree of which no study can be made.
    """
    qc, study = batches.rows(), batches.study
    scans = cast(list[Scan], list(qc.itertuples()))
    known, unknown = join_scans(scans, read_participants(batches.tree))
    seen_sites = _seen_sites(batches.settings["seen_sites"], known, study)
    known["usable"] = known["sample"].map(qc.set_index("sample")["usable"]).astype(bool)
    usable = known[known["usable"]]
    # A participant alone with a diagnosis at a seen site cannot be trained and tested on.
    alike = usable.groupby(["site", "diagnosis"])["participant"].transform("nunique")
    paired = usable[(alike > 1) | ~usable["site"].isin(seen_sites)]
    paired = paired.sort_values("sample").reset_index(drop=True)
    if paired.empty:
        raise DataError(
            f"study '{study}': none of {counted(len(qc), 'scan')} can be used, expected some; look at "
            f"results/{study}/qc.parquet for the reasons"
        )
    samples = pd.DataFrame(
        {
            "sample": paired["sample"].astype(str),
            "cluster": paired["site"].astype(str),
            "group": paired["participant"].astype(str),
            "outcome": paired["outcome"].astype("float32"),
            "held_out": ~paired["site"].isin(seen_sites),
        }
    )
    dataset = batches.join(
        samples,
        generated="brains deformed from a template, with disease and scanners of known effect",
        users="the user's BIDS tree",
    )
    ignored = len(find_images(batches.tree, batches.settings["space"]).ignored)
    extra = {"flow": _flow(qc, known, unknown, usable, samples, ignored)}
    if batches.truth:
        of_scans, of_sites = batches.truth
        own = truth_of(pd.read_csv(of_scans), "sample", samples["sample"], of_scans)
        extra["truth"] = own[["sample", "oracle", "oracle_no_cluster"]]
        sites = pd.read_csv(of_sites, dtype={"cluster": str})
        extra["cluster_truth"] = truth_of(sites, "cluster", samples["cluster"], of_sites)
    return Prepared(dataset, **extra), qc


def _seen_sites(names: Collection[str], known: pd.DataFrame, study: str) -> set[str]:
    wanted, present = set(names), set(known["site"])
    if absent := sorted(wanted - present):
        raise ConfigError(
            f"study '{study}': data.seen_sites names {listing(absent)}, which no scan is of; expected "
            f"some of {listing(sorted(present), 12)}; correct it"
        )
    return wanted


def _flow(
    qc: pd.DataFrame,
    known: pd.DataFrame,
    unknown: pd.DataFrame,
    usable: pd.DataFrame,
    samples: pd.DataFrame,
    ignored: int,
) -> pd.DataFrame:
    """Return table `flow`: stages from the scans found to seen and unseen sites."""
    left_out = unknown.loc[unknown["sample"] != "", "reason"].value_counts()
    lost = known.loc[~known["usable"], "sample"]
    reasons = qc.set_index("sample").loc[lost, "reason"].astype(str).str.split(";").str[0]
    rows = [(0, FOUND, "images that .bidsignore leaves out", ignored)] if ignored else []
    rows += [(0, FOUND, "", len(qc)), (1, KNOWN, "", len(known))]
    rows += [(1, KNOWN, str(reason), count) for reason, count in left_out.items()]
    rows += [(2, USABLE, "", len(usable))]
    rows += [(2, USABLE, reason, count) for reason, count in reasons.value_counts().items()]
    rows += [(3, PAIRED, "", len(samples))]
    if alone := len(usable) - len(samples):
        rows += [(3, PAIRED, "the only subject of a site with the diagnosis", alone)]
    away = int(samples["held_out"].sum())
    rows += [(4, SEEN, "", len(samples) - away), (5, UNSEEN, "", away)]
    return pd.DataFrame(rows, columns=["order", "stage", "reason", "count"])
