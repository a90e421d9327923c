"""Claims of the configuration: what is planned of each, and what is refused."""

from pathlib import Path

import pytest
import yaml

from armed.errors import ConfigError
from armed_study.config import effects, planning
from armed_study.config.checks import read
from armed_study.config.claims import planning as claims

CONFIG = Path(__file__).resolve().parents[5] / "config"


@pytest.fixture(scope="module")
def default():
    files = ("config.yaml", "claims.yaml")
    loaded = [yaml.safe_load((CONFIG / name).read_text(encoding="utf-8")) for name in files]
    return {key: value for part in loaded for key, value in part.items()}


def planned(config, without=(), **changes):
    """What is planned of the claim `mci_seen`, changed, in a configuration without some studies."""
    studies = {name: block for name, block in config["studies"].items() if name not in without}
    claim = {**config["claims"]["mci_seen"], **changes}
    made = read({**config, "studies": studies, "claims": {"mine": claim}})
    return claims.plan(made.claims, planning.plan(made), effects.plan(made.effects))


def test_every_shipped_claim_can_be_tested_in_the_default_study(default):
    made = read(default)
    found = claims.plan(made.claims, planning.plan(made), effects.plan(made.effects))
    assert [claim["claim"] for claim in found if claim["lacks"]] == []
    undrawn = [claim["claim"] for claim in found if not claim["figure"]]
    assert [name for name in undrawn if "figure" in default["claims"][name]] == []
    assert {claim["source"] for claim in found} == {"paper", "ours"}
    assert "<results>/tables/effects/grid.csv" in claims.tables(found)


def test_claim_knows_its_data_and_how_much_folds_share(default):
    (claim,) = planned(default)
    assert claim["data"] == "generated data in the layout of ADNIMERGE"
    assert claim["subject"] == "Stable or progressive MCI"
    assert claim["ratio"] == pytest.approx(0.1 / (0.9 * 0.8))
    assert claims.tables([claim, claim]) == ["<results>/tables/mci/comparisons.csv"]


@pytest.mark.parametrize(
    ("without", "changes", "said"),
    [
        (("mci", "mci_published"), {}, "study 'mci' is not in the configuration"),
        ((), {"less": {"model": "tabnet"}}, "study 'mci' has no model 'tabnet'"),
        ((), {"table": "latents"}, "study 'mci' has no table 'latents'"),
        ((), {"study": "effects", "table": "grid", "less": {"model": "menet"}}, "no model 'menet'"),
    ],
)
def test_claim_that_lacks_something_is_left_out_with_a_word(default, without, changes, said):
    (claim,) = planned(default, without, **changes)
    assert said in claim["lacks"]
    assert claims.tables([claim]) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"table": "comparison"},
            "claims.mine.table: found 'comparison'.*'comparisons'.*correct it",
        ),
        (
            {"figure": "perfomance"},
            "claims.mine.figure: found 'perfomance'.*'performance'.*correct it",
        ),
        ({"smallest": 0}, "claims.mine.smallest: found 0, expected a number above 0"),
        ({"less": [1]}, "claims.mine.less: found .*expected: What is taken from the effect"),
        ({"rows": {}}, "claims.mine.rows: found .*expected at least 1"),
        ({"expected": "over"}, 'claims.mine.expected: found "over".*expected "above" or'),
    ],
)
def test_wrong_claim_is_refused_in_a_sentence(default, changes, said):
    with pytest.raises(ConfigError, match=said):
        planned(default, **changes)
