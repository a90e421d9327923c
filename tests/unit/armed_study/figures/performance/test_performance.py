import study_tables
from armed_study.evaluation.performance import collect_performance
from armed_study.figures.heading import Heading
from armed_study.figures.performance import performance
from figure_text import texts

HEADING = Heading("Spirals")


def test_performance_without_published_values_or_unseen_clusters_is_drawn():
    known = study_tables.spirals()
    seen = [frame[frame["partition"] != "unseen"] for frame in (known.scores, known.summary)]
    shown = texts(performance.draw(collect_performance(*seen, metrics=["auroc"]), HEADING))
    assert "Seen clusters (test)" in shown
    assert "Unseen" not in shown
    assert "published" not in shown


def test_panel_of_a_metric_that_is_not_defined_says_so():
    known = study_tables.spirals()
    table = collect_performance(known.scores, known.summary, metrics=["auroc"])
    said = "not defined for any of these clusters"
    assert said not in texts(performance.draw(table, HEADING))
    table = table.assign(value=table["value"].mask(table["partition"] == "unseen"))
    assert texts(performance.draw(table, HEADING)).count(said) == table["metric"].nunique()
