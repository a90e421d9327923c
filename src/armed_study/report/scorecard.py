"""The scorecard: what is claimed, and what this run says of it, as the first page of the report."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from armed_study.evaluation.claims.verdicts import FAILS, HOLDS, OPEN, UNTESTED, VERDICTS
from armed_study.messages import counted
from armed_study.report.tables import template
from armed_study.vocabulary.formatting import MINUS, interval_text, number_text

_HEADINGS = {"paper": "Claims of the published study", "ours": "Further claims"}
_MEANINGS = {
    "generated": "where what holds is a finding about their generator too",
    "permuted": "where there is nothing to be found",
}
_SIDE = 5.0
"""How far a picture of an interval goes to each side of 0, on its scale."""


def page(claims: pd.DataFrame) -> str:
    """Write the scorecard as one HTML page.

    Parameters
    ----------
    claims
        See `evaluation.claims.verdicts.judge`.
    """
    groups = [
        {"heading": heading, "claims": [_claim(row) for row in rows.to_dict("records")]}
        for source, heading in _HEADINGS.items()
        if len(rows := claims[(claims["source"] == source) & (claims["verdict"] != UNTESTED)])
    ]
    untested = claims[claims["verdict"] == UNTESTED].to_dict("records")
    counts = [
        (
            heading,
            [int((claims["source"].eq(source) & claims["verdict"].eq(v)).sum()) for v in VERDICTS],
        )
        for source, heading in _HEADINGS.items()
    ]
    return template("scorecard.html.j2").render(
        summary=_summary(claims), verdicts=VERDICTS, counts=counts, groups=groups, untested=untested
    )


def _summary(claims: pd.DataFrame) -> str:
    """Say how many claims got which verdict, and by what data."""
    tested = claims[claims["verdict"] != UNTESTED]
    found = tested["verdict"].value_counts()
    forms = {HOLDS: ("holds", "hold"), FAILS: ("does not hold", "do not hold"), OPEN: (OPEN, OPEN)}
    counts = {verdict: int(found.get(verdict, 0)) for verdict in forms}
    holds, fails, undecided = (f"{n} {forms[verdict][n != 1]}" for verdict, n in counts.items())
    kinds = tested["kind"].value_counts()
    said = [
        f"Of {counted(len(tested), 'claim')} that this run can test, {holds}, {fails} and {undecided}."
    ]
    said += [f"On {k} data, {why}: {kinds[k]}." for k, why in _MEANINGS.items() if k in kinds]
    return " ".join(said)


def _claim(row: Mapping[Any, Any]) -> dict[str, Any]:
    """What the page shows of a claim: its sentence, its verdict in words, and its interval."""
    smallest, sign = f"{row['smallest']:g}", MINUS if row["expected"] == "below" else ""
    near = f"up to {smallest} to either side does not matter"
    parts = [
        f"{row['effect']} {interval_text(row['value'], row['low'], row['high'], precise=True)}",
        near if row["expected"] == "near" else f"the smallest that matters is {sign}{smallest}",
    ]
    if not pd.isna(row["p"]):
        parts.append("p < 0.001" if row["p"] < 0.001 else f"p = {number_text(row['p'])}")
    if not pd.isna(row["published"]):
        parts.append(f"published: {number_text(row['published'])}")
    parts += [row["reason"]] if row["reason"] else []
    return {**row, "said": "; ".join(parts), "picture": _picture(row)}


def _picture(row: Mapping[Any, Any]) -> dict[str, float] | None:
    """Places of an interval in smallest effects that matter, closer together far from 0 (asinh)."""
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return None
    scale = (-1 if row["expected"] == "below" else 1) / row["smallest"]
    low, high = sorted((row["low"] * scale, row["high"] * scale))
    ends = {"low": low, "effect": row["value"] * scale, "high": high}
    places = {name: math.asinh(place) / math.asinh(1) for name, place in ends.items()}
    return {name: min(max(place, -_SIDE), _SIDE) for name, place in places.items()}
