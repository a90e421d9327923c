import pandas as pd

from armed_study.figures.heading import Heading
from armed_study.figures.performance import costs
from figure_text import texts


def table(**peaks):
    rows = [(rule, 2, 30.0, 20.0, peak) for rule, peak in peaks.items()]
    return pd.DataFrame(rows, columns=list(costs.COLUMNS))


def test_costs_are_drawn_by_rule_with_their_jobs():
    shown = texts(costs.draw(table(train_model=501.0, split_samples=None), Heading("Cost")))
    assert "train_model (2 jobs)" in shown
    assert "not measured" in shown


def test_costs_without_benchmarks_say_so():
    assert "No benchmark" in texts(costs.draw(table(), Heading("Cost")))
