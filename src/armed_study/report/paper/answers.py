"""The answer of a run in a few lines: what it says to each question that its claims put."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from armed_study.evaluation.claims.verdicts import FAILS, HOLDS, OPEN, UNTESTED
from armed_study.messages import counted
from armed_study.report.paper.phrases import listed
from armed_study.vocabulary.formatting import MINUS, interval_text, number_text

_WORDS = {HOLDS: "Yes", FAILS: "no", OPEN: "undecided"}
_MEANINGS = {
    "generated": "where what holds is also a finding about the generator",
    "permuted": "where there is nothing to be found",
}
_NAMED = 3  # claims that a line names of each verdict


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
        f"{kinds[k]} of them are on {k} data, {why}." for k, why in _MEANINGS.items() if k in kinds
    ]
    return " ".join(said)


def answers(claims: pd.DataFrame) -> list[tuple[str, str]]:
    """Return each question with its answer, of the claims that could be tested.

    Parameters
    ----------
    claims
        See `evaluation.claims.verdicts.judge`.
    """
    tested = claims[claims["verdict"] != UNTESTED]
    return [(str(topic), _answer(rows)) for topic, rows in tested.groupby("topic", sort=False)]


def _answer(rows: pd.DataFrame) -> str:
    """Say of how many claims the answer is yes, no or undecided, and which these are."""
    said = []
    for verdict, word in _WORDS.items():
        records = rows[rows["verdict"] == verdict].to_dict("records")
        if records:
            names = listed([_name(one, rows) for one in records], _NAMED)
            said.append(f"{word} in {len(records)} of {len(rows)} ({names})")
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}."


def _name(claim: Mapping[Any, Any], rows: pd.DataFrame) -> str:
    """Name a claim by its study, or by its own name where there are several; with its size if it holds."""
    several = (rows["study"] == claim["study"]).sum() > 1
    name = str(claim["claim"] if several else claim["study"]).replace("_", " ")
    real = " (real data)" if claim["kind"] == "real" else ""
    if claim["verdict"] != HOLDS:
        return f"{name}{real}"
    return (
        f"{name}{real}: {interval_text(claim['value'], claim['low'], claim['high'], precise=True)}"
    )


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
