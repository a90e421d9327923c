"""The scorecard says of each claim what a reader needs, in words."""

import re

import pandas as pd

from armed_study.evaluation.claims.verdicts import COLUMNS
from armed_study.report.scorecard import first_lines, page

CLAIM = dict.fromkeys(COLUMNS, "") | {
    "source": "paper", "says": "A < B.", "verdict": "holds", "effect": "gain in AUROC", "value": 0.046,
    "low": 0.006, "high": 0.086, "p": 0.0004, "expected": "above", "smallest": 0.01, "published": 0.042,
    "kind": "generated", "study": "mci", "figure": "performance", "topic": "Is it better?",
    "claim": "mci_seen", "subject": "MCI", "relative": 4.6, "relative_low": 0.6, "relative_high": 8.6,
}  # fmt: skip
OTHERS = [
    CLAIM
    | {
        "source": "ours",
        "claim": "mci_other",
        "verdict": "does not hold",
        "kind": "real",
        "expected": "below",
        "figure": "",
    },
    CLAIM
    | {
        "verdict": "cannot be decided",
        "low": float("nan"),
        "reason": "there is no interval",
        "study": "b",
    },
    CLAIM
    | {
        "verdict": "not tested",
        "study": "new",
        "reason": "study 'new' is not in the configuration",
    },
]


PICTURE = b"<svg/>"


def text_of(html):
    plain = (
        re.sub(r"<[^>]+>", " ", html.partition("</head>")[2])
        .replace("&lt;", "<")
        .replace("&#39;", "'")
    )
    return " ".join(plain.split())


def test_claims_are_counted_explained_and_told_whether_data_are_generated():
    html = page(pd.DataFrame([CLAIM, *OTHERS], columns=list(COLUMNS)), PICTURE)
    text = text_of(html)
    assert (
        "Of 3 claims that this run can test, 1 holds, 1 does not hold and 1 cannot be decided. "
        "2 of them are on generated data, where what holds is also a finding about the generator."
        in text
    )
    assert (
        "A < B. On generated data (mci): gain in AUROC 0.0460 (0.0060 to 0.0860); the smallest that matters "
        "is 0.01; p < 0.001; published: 0.042."
    ) in text
    assert "On real data (mci)" in text
    assert "the smallest that matters is −0.01" in text
    assert "(new: study 'new' is not in the configuration)" in text
    assert html.count('href="../figures/mci/performance.svg"') == 1
    assert html.count("<svg") == 2  # none of a claim without an interval


def test_scorecard_without_claims_that_can_be_tested_says_so():
    text = text_of(page(pd.DataFrame(OTHERS[2:], columns=list(COLUMNS)), PICTURE))
    assert "Of 0 claims that this run can test" in text
    assert "Not tested in this run" in text


def test_first_lines_count_verdicts_of_each_question_by_data():
    cells = CLAIM | {"subject": "Cells", "topic": "Is it right?", "verdict": "does not hold"}
    claims = pd.DataFrame([CLAIM, *OTHERS, cells], columns=list(COLUMNS))
    lines = first_lines(claims, PICTURE)
    text = text_of(f"</head>{lines}").replace("&nbsp;", " ")
    assert "Question All claims MCI (generated and real) Cells (generated) Is it better?" in text
    assert "Is it better? 1 ✓ 1 ✗ 1 ? 1 ✓ 1 ✗ 1 ? Is it right? 1 ✗ 1 ✗" in text
    assert "data:image/svg+xml;base64,PHN2Zy8+" in lines
    # One block of reStructuredText: nothing but the directive begins a line.
    assert [line for line in lines.splitlines() if line and not line.startswith(" ")] == [
        ".. raw:: html"
    ]
