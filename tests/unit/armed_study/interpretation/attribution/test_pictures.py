"""Which maps of attribution are shown, and what the effects of sites change of them."""

import pytest

import study_tables
from armed_study.interpretation.attribution.pictures import shown_attribution, site_attribution
from study_tables import SITES


@pytest.fixture(scope="module")
def known():
    return study_tables.attribution()


def test_shown_maps_are_of_a_subject_of_each_outcome_and_side(known):
    table = shown_attribution(known.attribution, known.attributed, known.samples)
    subjects = table.drop_duplicates("sample")
    sides = subjects[["partition", "outcome"]].itertuples(index=False, name=None)
    assert list(sides) == [("test", 1), ("test", 0), ("unseen", 1), ("unseen", 0)]
    assert len(table) == 4 * 9 * 5 * 2  # subjects, places, outputs of three models, methods
    first = table[table["sample"] == "s02"]
    assert (first["value"] == first["row"] * 3 + first["column"] + 2).all()


def test_maps_of_sites_hold_mixed_less_fixed_of_every_site(known):
    table = site_attribution(known.attribution, known.samples)
    assert set(table["model"]) == {"armed", "lmmnn"}
    armed = table[table["model"] == "armed"]
    assert (armed["difference"] == armed["cluster"].map(SITES.index)).all()
    assert (table.loc[table["model"] == "lmmnn", "difference"] == 0).all()
    assert len(armed) == 4 * len(SITES) * 9
    assert armed["cluster"].drop_duplicates().tolist() == ["S1", "S2", "S10"]
    own = known.samples.set_index("sample")["cluster"]
    assert (armed["own_cluster"] == armed["sample"].map(own)).all()
