import study_tables
from armed_study.figures.data import points
from armed_study.figures.heading import Heading
from figure_text import texts

HEADING = Heading("Spirals")


def test_points_are_of_seen_clusters_with_their_radius():
    known = study_tables.spirals()
    table = points.table(known.samples, known.cluster_truth)
    assert set(table["cluster"]) == {"1", "2", "10", "11"}
    assert table.groupby("cluster")["radius"].first()["2"] == -0.9
    assert "r = −0.90" in texts(points.draw(table, HEADING))


def test_points_without_truth_have_no_radius():
    known = study_tables.spirals()
    one = known.samples[known.samples["cluster"] == "1"]
    table = points.table(one, known.cluster_truth[:0])
    assert table["radius"].isna().all()
    assert "radius" not in texts(points.draw(table, HEADING))
