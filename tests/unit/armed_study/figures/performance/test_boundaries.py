import figure_cases
from armed_study.figures.heading import Heading
from armed_study.figures.performance import boundaries
from figure_text import texts


def test_boundaries_without_truth_have_no_true_line():
    table = figure_cases.given("boundaries")["boundaries"]
    table = table[table["model"] != "oracle"].assign(true=float("nan"))
    assert "true boundary" not in texts(boundaries.draw(table, Heading("Spirals")))
