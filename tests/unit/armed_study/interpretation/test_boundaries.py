import pytest

import study_tables
from armed_study.interpretation.boundaries import average_boundaries


def average(**changed):
    known = vars(study_tables.spirals()) | changed
    names = ("display", "display_predictions", "truth", "cluster_truth")
    return average_boundaries(*(known[name] for name in names), clusters=3)


def test_panels_hold_the_mean_over_folds_and_the_own_output():
    table = average().set_index(["model", "panel"])
    assert set(table.loc["armed", "effect"]) == {"fixed", "mixed"}
    assert set(table.loc["conventional", "effect"]) == {"fixed"}
    at = table.loc[("conventional", "10")]
    middle = at[(at["x"].abs() < 1e-9) & (at["y"].abs() < 1e-9)]
    assert middle["predicted"].tolist() == pytest.approx([0.55])
    own = table.loc[("armed", "2")]
    assert own.loc[own["x"] > 0.4, "predicted"].max() < 0.5  # the cluster's spirals are flipped


def test_fixed_panel_is_the_mean_over_clusters_where_other_features_differ():
    known, radius = study_tables.spirals(), study_tables.RADIUS
    own = known.display.set_index("sample")["cluster"].map(radius) / 10  # as a probe's part
    shifted = known.display_predictions.assign(
        fixed=known.display_predictions["sample"].map(own) + 0.5
    )
    table = average(display_predictions=shifted, truth=known.truth[:0])
    fixed = table.loc[table["panel"] == "fixed effects", "predicted"]
    assert fixed.to_numpy() == pytest.approx(0.5 + radius.mean() / 10)


def test_clusters_shown_span_the_radii():
    shown = average().drop_duplicates("panel")
    assert shown["panel"].tolist() == ["fixed effects", "2", "11", "10"]
    assert shown["radius"].tolist()[1:] == [-0.9, 1.0, 1.3]


def test_without_truth_there_is_no_oracle():
    known = study_tables.spirals()
    one = known.display[known.display["cluster"] == "10"]
    assert "oracle" not in set(average(display=one, truth=known.truth[:0])["model"])
