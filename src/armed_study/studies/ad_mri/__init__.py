"""Alzheimer's disease or normal cognition from a coronal slice of an MRI scan."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from armed.errors import ConfigError
from armed_study.messages import listing
from armed_study.provenance.users_files import stamps
from armed_study.studies.ad_mri.scans.bids import scans_of_part
from armed_study.studies.ad_mri.scans.bidsignore import BidsIgnore
from armed_study.studies.ad_mri.scans.person_tables import (
    find_lower_tables,
    find_participants,
    sites_of,
)

PAGES = ("confounding", "contact_sheets", "qc")
METRICS = ("auroc", "auroc_within", "balanced_accuracy", "sensitivity", "specificity")
RAW_RULE = "simulate_scans"
IMAGES = "scans"
BATCHES = "armed_study.studies.ad_mri.batch"
TABLE = "qc"

GENERATED = "generated"
TREE, TRUTH = "tree", ("truth_scans.csv", "truth_sites.csv")


def raw_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Tree of scans, and the truth about scans and sites."""
    return (TREE, *TRUTH) if data["source"] == GENERATED else ()


def user_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The user's tables of participants and `.bidsignore`; the scans are asked for by batch.

    Raises
    ------
    ConfigError, DataError
        There is none, or nobody in it is of one of the sites to be seen: said here, before hours
        of preparation.
    """
    if data["source"] == GENERATED:
        return ()
    root = Path(data["source"]["path"])
    participants = find_participants(root)
    tables = (participants, *find_lower_tables(participants))
    there = sorted(set().union(*map(sites_of, tables)))
    if absent := [site for site in data["seen_sites"] if site not in there]:
        raise ConfigError(
            f"data.seen_sites names {listing(absent, 3)}, but column site of {participants} holds "
            f"{listing(there, 12)}; name sites of that column"
        )
    rules = BidsIgnore(root).file
    return tuple(map(str, (*tables, *([rules] if rules.exists() else []))))


def part_files(data: Mapping[str, Any], part: str) -> tuple[str, ...]:
    """Images and sidecars of the user's tree in one part of the scans, ``i-of-n``."""
    return tuple(
        str(path)
        for scan in scans_of_part(data["source"]["path"], data["space"], part)
        for path in (scan.path, *scan.sidecars)
    )


def part_state(data: Mapping[str, Any], part: str) -> list[str]:
    """Name, size and time of the files of one part."""
    return stamps(map(Path, part_files(data, part)), Path(data["source"]["path"]))


def origin(data: Mapping[str, Any]) -> str:
    """Generated, or the user's tree."""
    if data["source"] == GENERATED:
        return "generated T1-weighted images in a BIDS tree"
    return f"real data: the user's BIDS tree {data['source']['path']}"
