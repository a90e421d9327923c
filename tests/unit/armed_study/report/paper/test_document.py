"""The paper says what the tables say, in the words of their intervals, whatever studies there are."""

import pandas as pd

from armed.errors import DataError
from armed_study.evaluation.claims.verdicts import COLUMNS
from armed_study.report.paper.document import Citations, markdown, page
from armed_study.report.paper.findings import every
from armed_study.report.paper.lookups import Lookups
from armed_study.report.paper.ranking import leader
from refusals import refused

SCORES = pd.DataFrame(
    [
        ("summary", "armed", "test", "known", "mixed", "auroc", 0.871, 0.85, 0.89),
        ("summary", "armed", "test", "zero", "mixed", "auroc", 0.911, 0.9, 0.92),
        ("summary", "ridge", "test", "none", "fixed", "auroc", 0.882, 0.86, 0.9),
        ("fold", "ridge", "test", "none", "fixed", "auroc", 0.999, None, None),
        ("summary", "oracle", "test", "known", "fixed", "auroc", 0.95, 0.94, 0.96),
    ],
    columns=[
        "kind",
        "model",
        "partition",
        "assignment",
        "effect",
        "metric",
        "value",
        "low",
        "high",
    ],
)
TESTED = pd.DataFrame(
    {"partition": "test", "metric": "auroc", "model": ["ridge"], "reference": "armed", "difference": 0.011,
     "low": -0.01, "high": 0.03}
)  # fmt: skip
CLAIM = dict.fromkeys(COLUMNS, "") | {
    "claim": "mine_seen", "source": "ours", "says": "ARMED is better.", "verdict": "does not hold",
    "study": "mine",
    "effect": "gain", "value": -0.011, "low": -0.03, "high": 0.01, "p": float("nan"), "smallest": 0.05,
    "published": float("nan"), "expected": "above", "subject": "A trial",
    "kind": "real", "topic": "Is it better?",
}  # fmt: skip
MINE = {
    "name": "mine", "title": "A *trial* of ours", "kind": "table", "protocol": "proposed", "compare_with": "",
    "data": "the user's table trial.csv", "source": "", "columns": {},
    "figures": {"performance": "Performance by model"},
    "models": {"armed": "armed", "ridge": "ridge"}, "splits": {}, "network": {"hidden": [8]},
    "training": {"optimizer": "Adam", "learning_rate": 0.003, "batch_size": 32, "epochs": 100},
}  # fmt: skip


def tables(scores=SCORES, tested=TESTED):
    return {("mine", "performance"): scores, ("mine", "comparisons"): tested}


def test_paper_of_a_users_table_alone_says_what_its_tables_say():
    text = markdown(tables(), [MINE])
    assert "Real data: A \\*trial\\* of ours." in text
    assert "the user's table trial.csv** (real data)" in text
    assert "On seen clusters Ridge regression has the best AUROC, 0.882 (0.860 to 0.900)" in text
    assert "ARMED has 0.871 (0.850 to 0.890)" in text  # what it is reported by, not the highest
    assert (
        "ARMED less Ridge regression is −0.011 (−0.030 to 0.010), which cannot be told from zero."
        in text
    )
    assert "No claim was stated" in text
    assert "| Ridge regression | 0.882 (0.860 to 0.900) |" in text


def test_other_tables_write_other_sentences():
    other = SCORES.assign(value=SCORES["value"].replace(0.871, 0.93))
    text = markdown(tables(other, TESTED.assign(difference=-0.05, low=-0.07, high=-0.03)), [MINE])
    assert "On seen clusters ARMED has the best AUROC, 0.930" in text
    assert "ARMED less Ridge regression is 0.050 (0.030 to 0.070), which is above zero." in text
    assert "By AUROC, on seen clusters ARMED is above Ridge regression (by 0.050)." in text


def test_claim_that_does_not_hold_is_written_so():
    claims = pd.DataFrame([CLAIM], columns=list(COLUMNS))
    text = markdown({**tables(), ("", "claims"): claims}, [MINE])
    assert "- **does not hold**: ARMED is better. Gain −0.011" in text
    assert "| Question | All claims | A trial (real) |" in text
    assert "| Is it better? | 1 ✗ | 1 ✗ |" in text


def test_page_shows_names_as_they_are_and_links_its_sections():
    html = page(markdown(tables(), [MINE]))
    assert '<h3 id="section-' in html
    assert ">A *trial* of ours</a>" in html
    assert '<img src="figures/mine/performance.svg"' in html


def test_lookup_of_no_single_row_and_unknown_reference_are_refused():
    look = Lookups(tables(), "mine")
    assert (
        look.value("mine/performance", model="ridge", partition="test", metric="auroc") == "0.882"
    )
    with refused(
        "found 3 rows of partition test in table 'mine/performance', expected one", DataError
    ):
        look.value("performance", partition="test")
    with refused("no column 'valu'", DataError):
        look.value("performance", "valu", model="ridge")
    with refused("found no reference 'armd'", DataError):
        Citations().cite("armd")


def test_numbers_of_things_and_names_with_commas_read_as_english():
    about = {"section": "Studies", "item": "mine"}
    numbers = {"seen_samples": 60, "seen_clusters": 6, "folds": 5, "seeds": 1, "models": 2, "title": "t",
               "unseen_samples": 20, "unseen_clusters": 2}  # fmt: skip
    run = pd.DataFrame([about | {"property": key, "value": n} for key, n in numbers.items()])
    text = markdown(
        {**tables(SCORES.replace("ridge", "own_cluster")), ("", "provenance"): run}, [MINE]
    )
    assert (
        "60 samples of 6 clusters, in\n5 folds with 1 seed each; 20 samples of 2 clusters" in text
    )
    assert "Ridge regression (own cluster alone) has the best AUROC" in text
    columns = {"outcome": "use", "cluster": "district", "features": ["age", "urban"]}
    text = markdown(tables(), [MINE | {"columns": columns}])
    assert (
        "The outcome is column *use*, the cluster column *district*; features are age and urban."
        in text
    )


def test_figures_say_what_they_show_and_nothing_without_tables():
    said = every(tables(), {"mine": ["performance"], "other": ["performance", "clusters"]})
    assert said["shows"].iloc[0] == leader(Lookups(tables(), "mine"), "test")
    assert list(said["shows"].iloc[1:]) == ["", ""]
