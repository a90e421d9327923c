"""What is particular to the figures of random effects and importance."""

import numpy as np
import pytest

from armed_study.figures.effects import validation
from figure_cases import drawn, given
from figure_text import texts


def test_importance_without_slopes_or_probes_does_not_speak_of_them():
    table = given("importance")["feature_importance"]
    assert "probe" not in texts(drawn("importance", feature_importance=table[~table["probe"]]))
    known = given("ranked_importance")
    table = known["ranked_importance"]
    bare = table[(table["quantity"] == "importance") & ~table["probe"]]
    none = known["probe_ranks"][:0]
    shown = texts(drawn("ranked_importance", ranked_importance=bare, probe_ranks=none))
    assert "probe" not in shown
    assert "slope" not in shown
    assert "Mean rank of 3 probes among 7 features" in texts(drawn("ranked_importance"))


def test_correlation_that_is_not_defined_is_said_to_be_so():
    table = given("intercepts")["learned_intercepts"].assign(r=np.nan)
    assert "r not defined" in texts(drawn("intercepts", learned_intercepts=table))
    recovery = given("validation")["effect_recovery"].assign(r=np.nan, slope=np.nan)
    assert "r not defined" in texts(drawn("validation", effect_recovery=recovery))


def test_validation_gives_each_comparison_a_panel_for_each_model_that_has_it():
    panels = validation._arrange(given("validation")["effect_validation"])
    assert [len(row) for row in panels] == [4, 3, 3]
    assert panels[0][:2] == [("slope_sd", "armed"), ("slope_sd", "armed_no_adversary")]
    assert panels[1][0] == ("conversion_rate", "glmm")


def test_features_far_from_the_published_coefficient_are_bold():
    figure = drawn("univariate")
    assert "23 of 26 within 2 published standard errors" in texts(figure)
    bold = {label.get_text() for label in figure.axes[0].get_yticklabels()
            if label.get_fontweight() == "bold"}  # fmt: skip
    assert bold == {"Years of education", "Age", "CDR-SB"}


def many_intercepts(count):
    """Ranked intercepts of one model on so many clusters."""
    places = np.arange(1, count + 1)
    return given("effects_ranked")["ranked_effects"].iloc[[0] * count].assign(
        cluster=[f"c{n}" for n in places], place=places, value=places / count,
        low=places / count - 0.1, high=places / count + 0.1, quantile=places / count,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["effects_ranked", "effects_qq"])
@pytest.mark.parametrize(("count", "is_band"), [(60, False), (61, True)])
def test_intervals_of_many_clusters_are_a_band(name, count, is_band):
    (axis,) = drawn(name, ranked_effects=many_intercepts(count)).axes
    kinds = {type(part).__name__ for part in axis.collections}
    assert kinds == ({"FillBetweenPolyCollection"} if is_band else {"LineCollection"})


def test_few_clusters_are_named_and_long_names_have_room():
    assert "c3" in texts(drawn("effects_ranked", ranked_effects=many_intercepts(20)))
    assert "c3" not in texts(drawn("effects_ranked", ranked_effects=many_intercepts(21)))
    long = many_intercepts(3).assign(cluster="a district with a long name")
    tall, short = (
        drawn("effects_ranked", ranked_effects=table).get_figheight()
        for table in (long, many_intercepts(3))
    )
    assert tall > short + 1


def test_sites_without_truth_or_intercepts_show_shares_and_one_sample_as_such():
    table = given("sites")["cluster_effects"].query("quantity == 'share'")
    table = table.assign(samples=[1, *table["samples"][1:]])
    shown = texts(drawn("sites", cluster_effects=table))
    assert "4 seen clusters" in shown
    assert "intercept" not in shown.replace("learned intercepts", "")
    assert "1 sample" in shown.splitlines()
