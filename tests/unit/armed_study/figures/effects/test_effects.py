"""What is particular to the figures of random effects and importance."""

import numpy as np

import figure_cases
from armed_study.figures.effects import (
    importance,
    intercepts,
    ranked_importance,
    sites,
    univariate,
    validation,
)
from armed_study.figures.heading import Heading
from figure_text import texts

HEADING = Heading("Stable or progressive MCI")


def test_importance_without_slopes_or_probes_does_not_speak_of_them():
    table = figure_cases.given("importance")["feature_importance"]
    assert "probe" not in texts(importance.draw(table[~table["probe"]], HEADING))
    given = figure_cases.given("ranked_importance")
    table, ranks = given["ranked_importance"], given["probe_ranks"]
    bare = table[(table["quantity"] == "importance") & ~table["probe"]]
    shown = texts(ranked_importance.draw(bare, HEADING, probe_ranks=ranks[:0]))
    assert "probe" not in shown
    assert "slope" not in shown
    shown = texts(ranked_importance.draw(table, HEADING, probe_ranks=ranks))
    assert "Mean rank of 3 probes among 7 features" in shown


def test_correlation_that_is_not_defined_is_said_to_be_so():
    table = figure_cases.given("intercepts")["learned_intercepts"].assign(r=np.nan)
    assert "r not defined" in texts(intercepts.draw(table, HEADING))
    given = figure_cases.given("validation")
    recovery = given["effect_recovery"].assign(r=np.nan, slope=np.nan)
    drawn = validation.draw(given["effect_validation"], HEADING, effect_recovery=recovery)
    assert "r not defined" in texts(drawn)


def test_validation_gives_each_comparison_a_panel_for_each_model_that_has_it():
    panels = validation._arrange(figure_cases.given("validation")["effect_validation"])
    assert [len(row) for row in panels] == [4, 3, 3]
    assert panels[0][:2] == [("slope_sd", "armed"), ("slope_sd", "armed_no_adversary")]
    assert panels[1][0] == ("conversion_rate", "glmm")


def test_features_far_from_the_published_coefficient_are_bold():
    figure = univariate.draw(figure_cases.given("univariate")["compared_univariate"], HEADING)
    assert "23 of 26 within 2 published standard errors" in texts(figure)
    bold = {label.get_text() for label in figure.axes[0].get_yticklabels()
            if label.get_fontweight() == "bold"}  # fmt: skip
    assert bold == {"Years of education", "Age", "CDR-SB"}


def test_sites_without_truth_or_intercepts_show_shares_and_one_sample_as_such():
    table = figure_cases.given("sites")["cluster_effects"].query("quantity == 'share'")
    shown = texts(sites.draw(table.assign(samples=[1, *table["samples"][1:]]), HEADING))
    assert "4 seen clusters" in shown
    assert "intercept" not in shown.replace("learned intercepts", "")
    assert "1 sample" in shown.splitlines()
