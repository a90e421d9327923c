"""What is particular to the figures of attribution."""

import pandas as pd
import pytest

import study_tables
from armed_study.figures import style
from armed_study.figures.attribution import gradcam, gradcam_sites
from armed_study.figures.heading import Heading
from armed_study.vocabulary.measures import ATTRIBUTION_SCORES
from figure_cases import drawn
from figure_text import texts
from study_tables import SITES

HEADING = Heading("AD or CN from MRI")


@pytest.fixture(scope="module")
def known():
    return study_tables.attribution()


def test_gradcam_table_holds_a_subject_of_each_outcome_and_side(known):
    table = gradcam.table(known.attribution, known.attributed, known.samples)
    subjects = table.drop_duplicates("sample")
    sides = subjects[["partition", "outcome"]].itertuples(index=False, name=None)
    assert list(sides) == [("test", 1), ("test", 0), ("unseen", 1), ("unseen", 0)]
    assert len(table) == 4 * 9 * 5  # subjects, places, outputs of three models
    first = table[table["sample"] == "s02"]
    assert (first["value"] == first["row"] * 3 + first["column"] + 2).all()


def test_sites_table_holds_mixed_less_fixed_of_every_site(known):
    table = gradcam_sites.table(known.attribution, known.samples)
    assert set(table["model"]) == {"armed", "lmmnn"}
    armed = table[table["model"] == "armed"]
    assert (armed["difference"] == armed["cluster"].map(SITES.index)).all()
    assert (table.loc[table["model"] == "lmmnn", "difference"] == 0).all()
    assert len(armed) == 4 * len(SITES) * 9
    assert armed["cluster"].drop_duplicates().tolist() == ["S1", "S2", "S10"]
    own = known.samples.set_index("sample")["cluster"]
    assert (armed["own_cluster"] == armed["sample"].map(own)).all()


@pytest.mark.parametrize("truth", [True, False])
def test_gradcam_shows_every_output_and_the_truth_where_there_is_one(truth):
    figure = drawn("gradcam", **({} if truth else {"disease_maps": None}))
    overlaid = [axis for axis in figure.axes if len(axis.images) == 2]
    assert len(overlaid) == 4 * (5 + truth)  # subjects, outputs and the true map
    outlines = sum(len(axis.collections) for axis in figure.axes if axis.images)
    assert outlines == len(overlaid) * truth
    said = texts(figure)
    assert said.splitlines().count("true map") == 4 * truth
    assert ("true map" in said) == truth
    assert "AD, unseen site S99" in said


def test_empty_map_is_said_to_be_none(known):
    nothing = known.attribution["value"] * (known.attribution["model"] != "armed")
    figure = drawn("gradcam", attribution=known.attribution.assign(value=nothing))
    assert texts(figure).splitlines().count("none") == 4 * 2


def test_sites_figure_marks_each_subjects_own_site():
    figure = drawn("gradcam_sites")
    assert len([axis for axis in figure.axes if axis.images and axis.axison]) == 4
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert titles == ["fixed", "S1", "S2", "S10"]
    assert "in ARMED" in texts(figure)


def test_many_sites_take_several_lines(known):
    table = gradcam_sites.table(known.attribution, known.samples)
    many = pd.concat([table.assign(cluster=table["cluster"] + str(n)) for n in range(6)])
    given = {"samples": known.samples, "images": known.images, "disease_maps": None}
    figure = gradcam_sites.draw(many, HEADING, **given, threshold=0.5)
    assert len([axis for axis in figure.axes if axis.images]) == 4 * (1 + 18)
    assert figure.get_figwidth() <= style.WIDTH + 0.1


def test_attribution_figure_has_a_panel_for_each_score_and_side():
    labels = [axis.get_xlabel() for axis in drawn("attribution").axes]
    assert len(labels) == 6
    assert labels[::2] == list(ATTRIBUTION_SCORES.values())
