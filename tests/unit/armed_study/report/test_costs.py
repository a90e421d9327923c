import numpy as np
import pandas as pd

from armed_study.report import costs


def test_costs_sum_time_and_keep_the_peak_by_rule():
    names = ("train_model/spirals/armed", "train_model/spirals/mldg", "score/spirals")
    frames = {
        name: pd.DataFrame({"s": [10.0 * (n + 1)], "max_rss": [500.0 + n], "mean_load": [99.0]})
        for n, name in enumerate(names)
    }
    frames["split_samples/spirals"] = pd.DataFrame({"s": [0.1], "max_rss": ["-"]})
    table = costs.by_rule(frames).set_index("rule")
    assert table["seconds"].is_monotonic_decreasing
    assert table.loc["train_model"].tolist() == [2, 30.0, 20.0, 501.0]
    assert np.isnan(table.loc["split_samples", "peak_megabytes"])


def test_memory_seen_before_the_program_began_is_not_measured():
    jobs = {"choose_samples/a": [1.2], "write_tables/a": [1.2], "write_tables/b": [140.0]}
    frames = {job: pd.DataFrame({"s": [0.4], "max_rss": peak}) for job, peak in jobs.items()}
    peaks = costs.by_rule(frames).set_index("rule")["peak_megabytes"]
    assert np.isnan(peaks["choose_samples"])
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
