import numpy as np
import pandas as pd
import pytest

from armed_study.evaluation import calibration
from armed_study.evaluation.calibration import calibration_table
from armed_study.vocabulary.outcomes import BINARY
from invented_predictions import Invented, invent

MANY = {"models": {"a": 0.5}, "folds": 2, "seeds": 2, "seen": 10, "unseen": 10, "size": 60}


def table(study: Invented, **settings: int) -> pd.DataFrame:
    settings = {"seed": 1, "draws": 200} | settings
    return calibration_table(study.predictions, study.samples, study="invented", **settings)


def test_bins_hold_equally_many_predictions_of_the_preferred_kind():
    study = invent(**MANY)
    rng = np.random.default_rng(0)
    study.predictions["mixed"] = rng.random(len(study.predictions))
    found = table(study)
    assert set(found["bin"]) == set(range(10))
    pairs = set(zip(found["partition"], found["assignment"], strict=True))
    assert pairs == {("test", "known"), ("unseen", "membership")}
    for partition, rows in found.groupby("partition"):
        p = study.predictions
        kept = p[(p["partition"] == partition) & p["assignment"].isin(["known", "membership"])]
        assert rows["count"].sum() == len(kept)
        assert rows["count"].max() - rows["count"].min() <= 1
        assert rows["predicted"].is_monotonic_increasing
        mean = np.average(rows["predicted"], weights=rows["count"])
        assert mean == pytest.approx(kept["mixed"].mean())


def test_true_probabilities_lie_on_the_diagonal_within_their_intervals():
    study = invent(**MANY, seed=5)
    truth = study.truth.set_index("sample")["oracle"]
    study.predictions["mixed"] = truth[study.predictions["sample"]].to_numpy()
    found = table(study)
    covered = (found["low"] <= found["predicted"]) & (found["predicted"] <= found["high"])
    assert covered.mean() >= 0.8
    assert np.allclose(found["predicted"], found["observed"], atol=0.2)


def test_repeating_the_predictions_does_not_narrow_the_interval():
    once, often = (invent(**(MANY | {"seeds": seeds})) for seeds in (1, 8))
    for study in (once, often):
        truth = study.truth.set_index("sample")["oracle"]
        study.predictions["mixed"] = truth[study.predictions["sample"]].to_numpy()
    pd.testing.assert_frame_equal(
        table(once).drop(columns="count"), table(often).drop(columns="count")
    )


def test_few_distinct_predictions_give_few_bins_with_exact_shares():
    study = invent(**MANY)
    study.predictions["mixed"] = np.where(study.predictions["fixed"] > 0.6, 0.75, 0.25)
    found = table(study)
    for partition, assignment in (("test", "known"), ("unseen", "membership")):
        rows = found[found["partition"] == partition]
        assert list(rows["bin"]) == [0, 1]
        assert list(rows["predicted"]) == [0.25, 0.75]
        high = study.rows(partition=partition, assignment=assignment, mixed=0.75)
        assert rows["observed"].iloc[1] == pytest.approx(high["outcome"].mean())


def test_a_bin_of_a_single_cluster_has_no_interval():
    found = table(invent(**(MANY | {"unseen": 1})))
    assert found[found["partition"] == "unseen"]["low"].isna().all()
    assert found[found["partition"] == "test"]["low"].notna().all()


def test_the_order_of_rows_and_of_parts_does_not_change_the_table():
    study = invent(**MANY)
    pd.testing.assert_frame_equal(table(study), table(study.shuffled()), check_exact=True)
    parts = [study.predictions[study.predictions["fold"] == fold] for fold in (1, 0)]
    pieces = calibration_table(parts, study.samples, study="invented", seed=1, draws=200)
    pd.testing.assert_frame_equal(table(study), pieces, check_exact=True)


@pytest.mark.parametrize("count", [[10, 10, 10], [1, 1, 8]])
def test_density_integrates_to_one_between_the_middles_of_bins(count):
    predicted = np.array([0.1, 0.2, 0.6])
    found = calibration._density(predicted, np.array(count, dtype=float), BINARY.about)
    left, right, density = found.T
    assert np.sum(density * (right - left)) == pytest.approx(1)
    assert [*left, right[-1]] == pytest.approx([0.05, 0.15, 0.4, 0.8])
    assert density * (right - left) == pytest.approx(np.array(count) / np.sum(count))


def test_density_of_a_single_bin_stands_at_its_predictions():
    study = invent(**MANY)
    study.predictions["mixed"] = 0.25
    found = table(study)
    assert found["left"].tolist() == pytest.approx([0.24] * 2)
    assert (found["density"] * (found["right"] - found["left"])).tolist() == pytest.approx([1] * 2)


def test_marginal_predictions_stand_next_to_those_of_the_population():
    study = invent(**MANY)
    unseen = study.predictions[study.predictions["assignment"] == "membership"]
    more = [
        unseen.assign(assignment=name, mixed=0.5 + share * (unseen["fixed"] - 0.5))
        for name, share in (("zero", 1.0), ("marginal", 0.5))
    ]
    plain = table(study)
    study.predictions = pd.concat([study.predictions, *more], ignore_index=True)
    found = table(study)
    new = found["assignment"].isin(["zero", "marginal"])
    pd.testing.assert_frame_equal(found[~new].reset_index(drop=True), plain)
    zero, marginal = (found[found["assignment"] == name] for name in ("zero", "marginal"))
    assert set(zero["partition"]) == set(marginal["partition"]) == {"unseen"}
    np.testing.assert_allclose(
        marginal["predicted"] - 0.5, 0.5 * (zero["predicted"] - 0.5), atol=1e-6
    )
    np.testing.assert_allclose(marginal["observed"], zero["observed"])
