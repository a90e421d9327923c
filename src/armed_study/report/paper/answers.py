"""The answer of a run in a few lines: what it says to each question that its claims put."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from armed_study.evaluation.claims.verdicts import FAILS, HOLDS, OPEN, UNTESTED
from armed_study.messages import counted
from armed_study.report.paper.phrases import listed
from armed_study.vocabulary.formatting import MINUS, interval_text, number_text

MARKS = {HOLDS: "✓", FAILS: "✗", OPEN: "?"}
Counts = list[tuple[str, str, int]]
"""Verdicts that some claims got, each with its mark and how many."""

_MEANINGS = {
    "generated": "where what holds is also a finding about the generator",
    "permuted": "where there is nothing to be found",
}


def counts(claims: pd.DataFrame) -> str:
    """Say how many claims got which verdict, and by what data."""
    tested = claims[claims["verdict"] != UNTESTED]
    found = tested["verdict"].value_counts()
    forms = {HOLDS: ("holds", "hold"), FAILS: ("does not hold", "do not hold"), OPEN: (OPEN, OPEN)}
    numbers = {verdict: int(found.get(verdict, 0)) for verdict in forms}
    holds, fails, undecided = (f"{n} {forms[verdict][n != 1]}" for verdict, n in numbers.items())
    kinds = tested["kind"].value_counts()
    said = [
        f"Of {counted(len(tested), 'claim')} that this run can test, {holds}, {fails} and {undecided}."
    ]
    said += [
        f"{kinds[k]} of them {'is' if kinds[k] == 1 else 'are'} on {k} data, {why}."
        for k, why in _MEANINGS.items()
        if k in kinds
    ]
    return " ".join(said)


def answers(claims: pd.DataFrame) -> tuple[list[str], list[tuple[str, list[Counts]]]]:
    """Return what the run says to each question: how many of its claims got which verdict, by their data.

    Parameters
    ----------
    claims
        See `evaluation.claims.verdicts.judge`.

    Returns
    -------
    What the claims are about (column ``subject``), with the kind of its data; and a line for each
    question: itself, and the counts of all its claims and of those about each of these.
    """
    tested = claims[claims["verdict"] != UNTESTED]
    subjects = list(dict.fromkeys(tested["subject"]))
    heads = [_head(subject, tested[tested["subject"] == subject]) for subject in subjects]
    lines = []
    for topic, rows in tested.groupby("topic", sort=False):
        about = [_counts(rows[rows["subject"] == subject]) for subject in subjects]
        lines.append((str(topic), [_counts(rows), *about]))
    return heads, lines


def answer_table(claims: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the same as a table in text, whose cells are such as ``3 ✓ 1 ?``."""
    heads, lines = answers(claims)
    words = [
        [question, *(" ".join(f"{number} {mark}" for _, mark, number in cell) for cell in cells)]
        for question, cells in lines
    ]
    return ["Question", "All claims", *heads], words


def _counts(rows: pd.DataFrame) -> Counts:
    found = rows["verdict"].value_counts()
    return [(name, mark, int(found[name])) for name, mark in MARKS.items() if name in found]


def _head(subject: str, rows: pd.DataFrame) -> str:
    return f"{subject} ({listed(dict.fromkeys(rows['kind']))})"


def described(row: Mapping[Any, Any]) -> str:
    """Say the effect of a claim with its interval, and what it is judged by."""
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
    return "; ".join(parts)
