"""What figures share: how they are saved, labels of points, what they read."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from armed.errors import ConfigError
from armed_study.figures import catalogue, style
from armed_study.figures.attribution import overlays
from armed_study.figures.point_labels import label_points
from figure_cases import drawn, given


def test_unknown_figure_lists_those_there_are():
    with pytest.raises(ConfigError, match=r"unknown figure 'rocs'; there are: appearance, .*roc"):
        catalogue.load("rocs")


def test_positions_are_saved_without_the_digits_that_vary_between_runs(tmp_path):
    figure = drawn("clusters")
    style.save(figure, tmp_path / "a.svg", tmp_path / "a.png")
    for axis in figure.axes:
        bounds = np.array(axis.get_position(original=True).bounds)
        assert bounds == pytest.approx(bounds.round(6), abs=1e-12)


def test_labels_go_to_the_first_points_where_there_is_room():
    figure = Figure(figsize=(2, 2))
    axis = figure.add_axes((0, 0, 1, 1))
    points = np.array([[0.5, 0.5], [0.52, 0.5], [0.1, 0.9]])
    label_points(axis, points, ["left", "right", "far"], np.array([3.0, 2.0, 1.0]), size=(2, 2))
    labels = {text.get_text(): text for text in axis.texts}
    assert set(labels) == {"left", "right", "far"}
    frames = [text.get_window_extent() for text in labels.values()]
    assert not any(a.overlaps(b) for a in frames for b in frames if a is not b)
    axis.clear()
    crowd = np.stack(np.meshgrid(*[np.linspace(0, 1, 30)] * 2), axis=-1).reshape(-1, 2)
    label_points(axis, crowd, ["a long name"] * 900, np.ones(900), size=(2, 2))
    assert not axis.texts


def test_pictures_are_found_by_the_name_of_their_sample():
    samples = given("gradcam")["samples"]
    images = np.arange(24, dtype=np.float32)[:, None, None, None] * np.ones((1, 1, 4, 4))
    found = overlays.pictures(images, samples, ["s05", "s02", "s05"])
    assert {name: image[0, 0] for name, image in found.items()} == {"s02": 2, "s05": 5}
    assert overlays.pictures(None, samples, ["s05"]) == {}
