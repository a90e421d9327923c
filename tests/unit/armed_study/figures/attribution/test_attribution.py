"""What is particular to the figures of attribution."""

import pandas as pd
import pytest

import study_tables
from armed_study.figures import style
from armed_study.figures.attribution import gradcam_sites
from armed_study.figures.heading import Heading
from armed_study.vocabulary.measures import ATTRIBUTION_SCORES
from figure_cases import drawn, given
from figure_text import texts

HEADING = Heading("AD or CN from MRI")


@pytest.fixture(scope="module")
def known():
    return study_tables.attribution()


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


def test_empty_map_is_said_to_be_none():
    shown = given("gradcam")["shown_attribution"]
    nothing = shown["value"] * (shown["model"] != "armed")
    figure = drawn("gradcam", shown_attribution=shown.assign(value=nothing))
    assert texts(figure).splitlines().count("none") == 4 * 2


def test_sites_figure_marks_each_subjects_own_site():
    figure = drawn("gradcam_sites")
    assert len([axis for axis in figure.axes if axis.images and axis.axison]) == 4
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert titles == ["fixed", "S1", "S2", "S10"]
    assert "in ARMED" in texts(figure)


def test_many_sites_take_several_lines(known):
    table = given("gradcam_sites")["site_attribution"]
    many = pd.concat([table.assign(cluster=table["cluster"] + str(n)) for n in range(6)])
    pictures = {"samples": known.samples, "images": known.images, "disease_maps": None}
    figure = gradcam_sites.draw(many, HEADING, **pictures, threshold=0.5)
    assert len([axis for axis in figure.axes if axis.images]) == 4 * (1 + 18)
    assert figure.get_figwidth() <= style.WIDTH + 0.1


def test_attribution_figure_has_a_panel_for_each_score_and_side():
    labels = [axis.get_xlabel() for axis in drawn("attribution").axes]
    assert len(labels) == 8
    assert labels[::2] == list(ATTRIBUTION_SCORES.values())


def test_methods_stand_next_to_each_other_for_every_model_and_subject():
    figure = drawn("attribution_methods", disease_maps=None)
    overlaid = [axis for axis in figure.axes if len(axis.images) == 2]
    assert len(overlaid) == 4 * 3 * 2  # subjects, models by their reported output, methods
    titles = [axis.get_title() for axis in figure.axes]
    assert titles.count("Grad-CAM") == titles.count("Integrated\ngradients") == 4


def test_sites_figure_shows_a_network_in_which_sites_change_maps():
    table = given("gradcam_sites")["site_attribution"]
    fixed = table[table["model"] == "armed"].assign(difference=1e-7 * table["fixed"].abs().max())
    other = table[table["model"] == "armed"].assign(model="menet")
    assert "in MeNet" in texts(drawn("gradcam_sites", site_attribution=pd.concat([fixed, other])))
    assert "in ARMED" in texts(drawn("gradcam_sites", site_attribution=fixed))
