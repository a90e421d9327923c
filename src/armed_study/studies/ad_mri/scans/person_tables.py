"""Where a BIDS tree says who its scans are of; standard library only.

`participants.tsv` lies in the root of the tree and holds for all of it, its derivatives among them. Of each
participant, `sub-*_sessions.tsv` in the folder of the subject and `sub-*[_ses-*]_scans.tsv` next to the
scans may say more. BIDS has such tables nowhere else, and says nothing of which others they would
hold for.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from armed.errors import DataError
from armed_study.messages import listing
from armed_study.source_files import check_readable, folders, visible
from armed_study.studies.ad_mri.scans.bids import derivatives_of

COLUMNS = ("site", "diagnosis", "age", "sex")
PARTICIPANTS = "participants.tsv"
_PERSONS = re.compile(r"(participants|(.*_)?(sessions|scans))\.tsv", re.IGNORECASE)


def find_participants(root: str | Path) -> Path:
    """Return the table of participants of a tree: in its root, else next to its derivatives.

    Raises `DataError` where there is none, it cannot be read, or there are several that differ.
    """
    root = Path(root)
    places = [root] if root.is_dir() else []
    found = [table for folder in places for table in _participants(folder)]
    if places and not found:
        found = [table for folder in derivatives_of(root) for table in _participants(folder)]
    if not found:
        raise DataError(
            f"{root / PARTICIPANTS}: no such file, expected the participants' sites and diagnoses; put "
            "it there"
        )
    for path in found:
        check_readable(path)
    if len({path.read_bytes() for path in found}) > 1:
        raise DataError(
            f"{root}: holds {listing(path.relative_to(root) for path in found)}, which differ, expected "
            f"one table of participants for all; put it into {root / PARTICIPANTS}"
        )
    return found[0]


def find_lower_tables(participants: Path) -> dict[Path, str]:
    """Return the tables of single participants that hold what is read, and of whom each is.

    Raises `DataError` for one in a place that BIDS does not know, and one that cannot be read.
    """
    found = {}
    for path, known in _lower_tables(participants.parent):
        check_readable(path)
        held = [name for name in COLUMNS if name in (_rows(path).fieldnames or ())]
        if held and path.name.lower() not in known:
            raise DataError(
                f"{path}: has column {listing(held)} where BIDS knows no such table, so that it is not said "
                f"whom it holds for, expected {listing(known or (PARTICIPANTS,))}; move or rename it"
            )
        if held:
            found[path] = path.relative_to(participants.parent).parts[0]
    return found


def sites_of(path: Path) -> set[str]:
    """Return the sites that a table names, for a first look."""
    return {(row.get("site") or "").strip() for row in _rows(path)} - {"", "n/a"}


def _rows(path: Path) -> csv.DictReader:
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    return csv.DictReader(text.splitlines(), delimiter="\t")


def _participants(folder: Path) -> list[Path]:
    return [path for path in visible(folder) if path.name.lower() == PARTICIPANTS]


def _lower_tables(root: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Tables of persons next to or below that of participants, and those that BIDS knows in the folder."""
    places: list[tuple[Path, tuple[str, ...]]] = [(root, ())]
    for subject in folders(root, "sub-*"):
        name = subject.name.lower()
        places.append((subject, (f"{name}_sessions.tsv", f"{name}_scans.tsv")))
        for session in folders(subject, "ses-*"):
            places.append((session, (f"{name}_{session.name.lower()}_scans.tsv",)))
    for folder, known in places:
        for path in visible(folder):
            below = folder != root or path.name.lower() != PARTICIPANTS
            if below and _PERSONS.fullmatch(path.name):
                yield path, known
