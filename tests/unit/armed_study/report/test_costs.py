import numpy as np
import pandas as pd

from armed_study.report import costs


def test_costs_by_rule_sum_time_and_keep_the_peak_of_the_program():
    jobs = {
        "train_model/spirals/armed": (10.0, 500.0), "train_model/spirals/mldg": (20.0, 501.0),
        "score/spirals": (30.0, 502.0), "split_samples/spirals": (0.1, "-"),
        "select_samples/a": (0.4, 1.2), "write_tables/a": (0.4, 1.2), "write_tables/b": (0.4, 140.0),
    }  # fmt: skip
    frames = {job: pd.DataFrame({"s": [s], "max_rss": [peak]}) for job, (s, peak) in jobs.items()}
    table = costs.by_rule(frames).set_index("rule")
    assert table["seconds"].is_monotonic_decreasing
    assert table.loc["train_model"].tolist() == [2, 30.0, 20.0, 501.0, 61.3]
    peaks = table["peak_megabytes"]
    assert np.isnan(peaks[["split_samples", "select_samples"]]).all()
    assert peaks["write_tables"] == 140


def test_costs_of_training_are_summed_by_study_and_model():
    job = pd.DataFrame({"s": [3.0], "max_rss": [100.0]})
    paths = ("a/armed/1-of-2", "a/armed/2-of-2", "a/glmm/1-of-1", "b/armed/1-of-1")
    frames = {f"train_model/{path}": job for path in paths} | {"evaluate_study/a": job}
    table = costs.by_model(frames).set_index(["study", "model"])
    assert table["seconds"].to_dict() == {("a", "armed"): 6, ("a", "glmm"): 3, ("b", "armed"): 3}


def test_benchmarks_are_known_by_rule(tmp_path):
    paths = []
    for name in ("train/s/m/1-of-1", "train/s/n/1-of-1", "split/s"):
        path = tmp_path / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("s\tmax_rss\n1.5\t20\n", encoding="utf-8")
        paths.append(str(path))
    found = costs.read_benchmarks(paths)
    assert set(found) == {"train/s/m/1-of-1", "train/s/n/1-of-1", "split/s"}
    assert found["split/s"]["s"].item() == 1.5
