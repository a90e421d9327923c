"""Stable or progressive mild cognitive impairment: the ADNIMERGE table, real or generated."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from armed.errors import ConfigError, DataError
from armed_study.messages import listing

METRICS = ("auroc", "auroc_within", "balanced_accuracy", "sensitivity", "specificity")
RAW_RULE = "simulate_adni"

GENERATED = "generated"
TABLE = "ADNIMERGE.csv"
RAW = (TABLE, "truth_subjects.csv", "truth_sites.csv")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DOWNLOAD = (
    "download ADNIMERGE.csv from 'Study Data / Data & Database' at ida.loni.usc.edu (access by "
    "application at adni.loni.usc.edu) and put it there, or set data.source to generated"
)


def raw_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Table in the layout of ADNIMERGE, and the truth about its subjects and sites."""
    return RAW if data["source"] == GENERATED else ()


def user_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The user's ADNIMERGE table: the file named, or the newest of the folder named.

    Raises
    ------
    ConfigError, DataError
        There is none, or it is not clear which is the newest.
    """
    if data["source"] == GENERATED:
        return ()
    path = Path(data["source"]["path"])
    if path.is_file():
        return (str(path),)
    if not path.is_dir():
        raise ConfigError(
            f"{path}: no such file or folder, expected an ADNIMERGE table; {_DOWNLOAD}"
        )
    return (str(_newest(path)),)


def origin(data: Mapping[str, Any]) -> str:
    """Generated, or the user's path; and whether outcomes are permuted."""
    generated, permuted = data["source"] == GENERATED, data.get("permute_outcome")
    if generated:
        found = "generated data in the layout of ADNIMERGE"
    else:
        found = f"the user's ADNIMERGE table {data['source']['path']}"
    first = "permuted outcomes of " if permuted else "" if generated else "real data: "
    return f"{first}{found}"


def data_settings(study: Mapping[str, Any], seed: int) -> Mapping[str, Any]:
    """The `data` block, the rule of the labels, how many sites are seen, and the probes' seed."""
    unseen = study["splits"]["unseen"]
    return {
        **study["data"],
        "protocol": study.get("protocol", "proposed").removesuffix("_labels"),
        "seen_sites": unseen.get("count") if unseen["scheme"] == "seen_largest" else None,
        "seed": seed,
    }


def _newest(folder: Path) -> Path:
    """Return the table with the latest date in its name, or the only one without a date."""
    # Not its dictionary of columns, which lies next to it at ADNI.
    is_table = re.compile(r"adnimerge(?!.*dict).*\.csv", re.IGNORECASE).fullmatch
    found = sorted(p for p in folder.iterdir() if is_table(p.name) and p.is_file())
    if not found:
        raise DataError(f"{folder}: holds no ADNIMERGE*.csv, expected the table there; {_DOWNLOAD}")
    dates = [_date_in(p.name) for p in found]
    latest = max(dates, key=lambda day: day or date.min)
    newest = [p for p, day in zip(found, dates, strict=True) if day == latest]
    if len(newest) > 1:
        which = f"dated {latest}" if latest else "without a date in their names"
        raise DataError(
            f"{folder}: holds {listing(p.name for p in newest)}, all {which}, expected one newest "
            "ADNIMERGE table; name the file in data.source.path or remove the others"
        )
    return newest[0]


def _date_in(name: str) -> date | None:
    """Date as ADNI writes it (`12Jan2024`), or year first (`2024-01-12`)."""
    adni = re.search(rf"\d{{1,2}}({_MONTHS})\d{{4}}", name.lower())
    found = adni or re.search(r"\d{4}[-_]?\d{2}[-_]?\d{2}", name)
    try:
        text = re.sub("[-_]", "", found[0]) if found else ""
        return datetime.strptime(text, "%d%b%Y" if adni else "%Y%m%d").date()
    except ValueError:
        return None
