import pandas as pd
import pytest

from armed_study.interpretation.effects.summary import summarise_effects
from armed_study.report.costs import read_benchmarks


def test_effects_are_averaged_over_replicas_and_hidden_slopes_left_out():
    rows = [
        ("s", "armed", f, "intercept", c, m + f, 0.1)
        for f in (0, 1)
        for c, m in (("a", 1.0), ("b", -1.0))
    ]
    rows += [("s", "armed", 0, "slope[0]", "a", 9.0, 0.1)]
    frame = pd.DataFrame(
        rows, columns=["study", "model", "fold", "effect", "cluster", "mean", "sd"]
    )
    found = summarise_effects(frame).set_index("cluster")
    assert list(found.index) == ["a", "b"]
    assert found.loc["a", "mean"] == pytest.approx(1.5)
    assert found.loc["b", "sd_replicas"] == pytest.approx(0.5**0.5)
    assert (found["replicas"] == 2).all()


def test_benchmarks_are_known_by_rule(tmp_path):
    paths = []
    for name in ("train/s/m/1-of-1", "train/s/n/1-of-1", "split/s"):
        path = tmp_path / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("s\tmax_rss\n1.5\t20\n", encoding="utf-8")
        paths.append(str(path))
    found = read_benchmarks(paths)
    assert set(found) == {"train/s/m/1-of-1", "train/s/n/1-of-1", "split/s"}
    assert found["split/s"]["s"].item() == 1.5
