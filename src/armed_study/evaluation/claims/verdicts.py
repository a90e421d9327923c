"""Verdicts on claims, by the interval of each contrast and the smallest effect that matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.evaluation.claims.contrasts import Absent, Contrast, contrast, select

HOLDS, FAILS, OPEN = "holds", "does not hold", "cannot be decided"
UNTESTED = "not tested"
VERDICTS = (HOLDS, FAILS, OPEN, UNTESTED)

COLUMNS = (
    "claim", "source", "says", "verdict", "effect", "value", "low", "high", "p", "interval", "expected",
    "smallest", "published", "kind", "data", "study", "table", "contrast", "figure", "reason",
    "topic", "subject", "relative", "relative_low", "relative_high",
)  # fmt: skip
_NUMBERS = (
    "value", "low", "high", "p", "smallest", "published", "relative", "relative_low", "relative_high",
)  # fmt: skip


def verdict(found: Contrast, expected: str, smallest: float) -> str:
    """Judge an effect by its 95 % interval.

    - ``above``: it holds if the interval lies above 0 and the effect is at least the smallest that matters;
      it does not if the interval lies below that one. ``below`` is the same with the sign turned.
    - ``near``: it holds if the interval lies within the smallest effect that matters of 0, and does not if
      the interval lies outside.

    All else cannot be decided, nor can an effect without an interval.
    """
    effect, low, high = found.effect, found.low, found.high
    if np.isnan([effect, low, high]).any():
        return OPEN
    if expected == "below":
        effect, low, high = -effect, -high, -low
    if expected == "near":
        holds, fails = -smallest <= low and high <= smallest, low > smallest or high < -smallest
    else:
        holds, fails = low > 0 and effect >= smallest, high < smallest
    return HOLDS if holds else FAILS if fails else OPEN


def read_tables(paths: Iterable[str | Path]) -> dict[tuple[str, str], pd.DataFrame]:
    """Read tables of studies, CSV files `STUDY/TABLE.csv`, by these two names."""
    files = map(Path, paths)
    return {(path.parent.name, path.stem): pd.read_csv(path) for path in files}


def read_claims(path: str | Path) -> pd.DataFrame:
    """Read the table that `judge` returns, where an empty cell of text is empty text."""
    claims = pd.read_csv(path)
    texts = [str(name) for name in claims if name not in _NUMBERS]
    return claims.assign(**{name: claims[name].astype(object).fillna("") for name in texts})


def judge(
    claims: Iterable[Mapping[str, Any]],
    tables: Mapping[tuple[str, str], pd.DataFrame],
    published: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """Judge claims: a row for each, in their order, with `COLUMNS`.

    Parameters
    ----------
    claims
        See `config.claims.planning.plan`.
    tables
        The tables that they are judged by, by study and name.
    published
        Published values of each study, by its name (`report.published.published_scores`).
    """
    lines = []
    for claim in claims:
        line = dict(claim, reason=claim["lacks"], verdict=UNTESTED, contrast=_named(claim))
        line |= dict.fromkeys(("value", "low", "high", "p", "published"), np.nan) | {"interval": ""}
        line["kind"] = kind_of(claim["data"])
        if not claim["lacks"]:
            line |= _judged(claim, tables[claim["study"], claim["table"]], published)
        lines.append(line | _relative(line))
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _judged(
    claim: Mapping[str, Any], table: pd.DataFrame, published: Mapping[str, pd.DataFrame]
) -> dict[str, Any]:
    try:
        found = contrast(table, claim)
    except Absent as absent:
        return {"reason": str(absent)}
    except DataError as error:
        raise DataError(f"claims.{claim['claim']}: {error}") from None
    return {
        "verdict": verdict(found, claim["expected"], claim["smallest"]),
        "reason": "there is no interval" if np.isnan([found.low, found.high]).any() else "",
        "published": _published(claim, table, published.get(claim["study"])),
        "value": found.effect,
        **{name: getattr(found, name) for name in ("low", "high", "p", "interval")},
    }


def _published(
    claim: Mapping[str, Any], table: pd.DataFrame, printed: pd.DataFrame | None
) -> float:
    """The published size of the same contrast of two models; NaN if it is not known."""
    less = claim.get("less")
    source, value = (table, "published") if "published" in table else (printed, "value")
    if source is None or not isinstance(less, Mapping) or "model" not in less:
        return np.nan
    try:
        sides = [select(source, {**claim["rows"], **more}) for more in ({}, less)]
    except (Absent, DataError):  # printed values have no columns but those of scores
        return np.nan
    left, right = (float(side[value].iloc[0]) for side in sides)
    return left - right


def _relative(line: Mapping[str, Any]) -> dict[str, float]:
    """The effect in smallest effects that matter; above 0 is what the claim says, unless it says near."""
    scale = (-1.0 if line["expected"] == "below" else 1.0) / line["smallest"]
    low, high = sorted((line["low"] * scale, line["high"] * scale))
    return {"relative": line["value"] * scale, "relative_low": low, "relative_high": high}


def kind_of(data: str) -> str:
    """Whether data are generated, permuted or real; nothing where there are none."""
    named = (kind for kind in ("generated", "permuted") if data.startswith(kind))
    return next(named, "real") if data else ""


def _named(claim: Mapping[str, Any]) -> str:
    """The contrast in words: which rows, less what."""
    less = claim.get("less")
    rows = ", ".join(f"{name} {wanted}" for name, wanted in claim["rows"].items())
    if less is None:
        return rows
    taken = less if not isinstance(less, Mapping) else " and ".join(map(str, less.values()))
    return f"{rows}; less {taken}"
