"""The scorecard: what is claimed, and what this run says of it, as the first page of the report."""

import base64
import math
from collections.abc import Mapping
from textwrap import indent
from typing import Any

import pandas as pd

from armed_study.evaluation.claims.verdicts import UNTESTED, VERDICTS
from armed_study.report.paper.answers import MARKS, answers, counts, described
from armed_study.report.tables import template

_HEADINGS = {"paper": "Claims of the published study", "ours": "Further claims"}
_SIDE = 5.0
"""How far a picture of an interval goes to each side of 0, on its scale."""


def page(claims: pd.DataFrame, picture: bytes) -> str:
    """Write the scorecard as one HTML page.

    Parameters
    ----------
    claims
        See `evaluation.claims.verdicts.judge`.
    picture
        The figure of all claims without their names, as SVG.
    """
    groups = [
        {"heading": heading, "claims": [_claim(row) for row in rows.to_dict("records")]}
        for source, heading in _HEADINGS.items()
        if len(rows := claims[(claims["source"] == source) & (claims["verdict"] != UNTESTED)])
    ]
    untested = claims[claims["verdict"] == UNTESTED].to_dict("records")
    numbers = [
        (
            heading,
            [int((claims["source"].eq(source) & claims["verdict"].eq(v)).sum()) for v in VERDICTS],
        )
        for source, heading in _HEADINGS.items()
    ]
    return template("scorecard.html.j2").render(
        **_answer(claims, picture),
        verdicts=VERDICTS,
        counts=numbers,
        groups=groups,
        untested=untested,
    )


def first_lines(claims: pd.DataFrame, picture: bytes) -> str:
    """Write the answer in a few lines and one figure, for the first page of the report.

    reStructuredText that is one block of HTML.
    """
    html = template("answers.html.j2").render(**_answer(claims, picture))
    return ".. raw:: html\n\n" + indent(html, "   ") + "\n"


def _answer(claims: pd.DataFrame, picture: bytes) -> dict[str, Any]:
    """What the template of the answer is filled with."""
    heads, lines = answers(claims)
    told = {"summary": counts(claims), "heads": heads, "lines": lines, "marks": MARKS}
    return told | {"picture": embedded(picture)}


def embedded(picture: bytes) -> str:
    """Return an SVG as the address of a picture that holds it; of short lines, as docutils wants them."""
    return f"data:image/svg+xml;base64,{base64.encodebytes(picture).decode('ascii').strip()}"


def _claim(row: Mapping[Any, Any]) -> dict[str, Any]:
    """What the page shows of a claim: its sentence, its verdict in words, and its interval."""
    return {**row, "said": described(row), "picture": _picture(row)}


def _picture(row: Mapping[Any, Any]) -> dict[str, float] | None:
    """Places of an interval in smallest effects that matter, closer together far from 0 (asinh)."""
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return None
    ends = {"low": row["relative_low"], "effect": row["relative"], "high": row["relative_high"]}
    places = {name: math.asinh(place) / math.asinh(1) for name, place in ends.items()}
    return {name: min(max(place, -_SIDE), _SIDE) for name, place in places.items()}
