"""What planning knows of figures."""

from armed_study.config import figures
from armed_study.figures import catalogue


def of_kind(kind, *, known=True, **blocks):
    return set(figures.of_study({"kind": kind, **blocks}, known=known))


def test_kinds_have_their_figures_and_those_of_every_kind():
    every = {"performance", "calibration", "calibration_new", "few_shot", "intercepts",
        "effects_qq", "effects_ranked", "gain",
    }  # fmt: skip
    assert of_kind("a_kind_of_ones_own") == every
    assert of_kind("spirals") == every | {"points", "boundaries", "importance", "limit"}


def test_figures_of_the_truth_are_of_generated_data_only():
    assert of_kind("ad_mri") - of_kind("ad_mri", known=False) == {"attribution", "limit"}


def test_figure_that_needs_a_block_is_of_studies_that_have_it():
    curves = {"learning_curves": {"models": ["armed"]}}
    assert of_kind("table", **curves) - of_kind("table", learning_curves=None) == {
        "learning_curves"
    }


def test_planning_knows_the_same_figures_and_modules_as_drawing():
    assert list(figures.declared()) == catalogue.available()
    modules = [figures.module(name) for name in catalogue.available()]
    assert modules == [catalogue.load(name).__name__ for name in catalogue.available()]
    sections = [figures.of_section(section) for section in ("Data", "Figures")]
    assert sorted([*sections[0], *sections[1]]) == catalogue.available()


def test_settings_of_a_figure_come_from_the_study():
    study = {"interpretation": {"threshold": 0.3}}
    assert figures.settings("gradcam", study) == {"threshold": 0.3}
    assert figures.settings("roc", study) == {}


def test_caption_speaks_of_the_truth_only_where_it_is_known():
    study = {"interpretation": {"threshold": 0.3}}
    with_truth, without = (
        figures.caption("gradcam_sites", "scans", study, known=known) for known in (True, False)
    )
    assert with_truth.startswith(without)
    assert "at least 0.3 of" in with_truth
    assert "true map" not in without
