"""What the manufacturer tells of the outcome, on data in which it is known."""

import numpy as np
import pandas as pd
import pytest

from armed_study.evaluation.descriptive.confounding import measure_confounding


def study(shares=(0.8, 0.2), unseen=(0.5, 0.5), size=40, scans_ge=1):
    """Sites a (GE) and b (Philips) are seen, c (GE) and d (Philips) unseen; their shares of outcome 1."""
    rows = []
    for site, share in zip("abcd", (*shares, *unseen), strict=True):
        for subject in range(size):
            outcome = float(subject < share * size)
            for scan in range(scans_ge if outcome and site == "a" else 1):
                rows.append((f"{site}{subject:02d}_{scan}", site, f"{site}{subject:02d}", outcome))
    samples = pd.DataFrame(rows, columns=["sample", "cluster", "group", "outcome"])
    makers = ["GE" if site in "ac" else "Philips" for site in samples["cluster"]]
    number = samples["group"].str[1:].astype(int)
    parts = []
    for fold in range(3):
        side = np.where(number % 4 == fold, "test", "train")
        side = np.where(samples["cluster"].isin(["c", "d"]), "unseen", side)
        parts.append(pd.DataFrame({"fold": fold, "sample": samples["sample"], "partition": side}))
    return samples, pd.concat(parts), makers


def truth_of(samples):
    score = 0.2 + 0.6 * samples["outcome"]
    return samples[["sample"]].assign(oracle=score, oracle_no_cluster=0.5)


def measured(samples, splits, makers, truth=None):
    empty = truth_of(samples)[:0]
    table = measure_confounding(samples, splits, empty if truth is None else truth, makers, seed=1)
    return table.set_index(["model", "partition"])


def test_manufacturer_tells_the_shares_of_seen_sites_and_nothing_of_others():
    found = measured(*study())["mean"]
    # P(both right) + P(same manufacturer) / 2 of a pair: 0.8 * 0.8 + (0.8 * 0.2 * 2) / 2
    assert found["manufacturer", "seen"] == pytest.approx(0.8)
    assert found["manufacturer", "test"] == pytest.approx(0.8)
    assert found["manufacturer", "unseen"] == pytest.approx(0.5)


def test_without_confounding_it_tells_nothing_and_with_it_elsewhere_too_it_does():
    assert measured(*study(shares=(0.5, 0.5)))["mean"]["manufacturer", "seen"] == 0.5
    found = measured(*study(unseen=(0.2, 0.8)))["mean"]
    assert found["manufacturer", "unseen"] == pytest.approx(0.2)


def test_score_is_the_share_of_subjects_not_of_scans():
    found = measured(*study(shares=(0.6, 0.7), scans_ge=9))["mean"]
    # Of GE's scans 93 % are of ill subjects, of Philips' 70 %; yet its subjects are less often ill.
    assert found["manufacturer", "seen"] < 0.5


def test_score_comes_from_the_training_part_alone():
    samples, splits, makers = study()
    fold = splits[splits["fold"] == 0].replace({"test": "train", "train": "test"})
    tested = samples["sample"].isin(fold.loc[fold["partition"] == "test", "sample"])
    turned = samples.assign(outcome=samples["outcome"].where(~tested, 1 - samples["outcome"]))
    # The test part, three times the training part, has GE and Philips the other way round.
    found = measured(turned, fold, makers)["mean"]
    assert found["manufacturer", "test"] == pytest.approx(0.2)


def test_a_manufacturer_that_is_not_trained_on_gets_the_share_of_all():
    samples, splits, makers = study(shares=(0.8, 0.3), unseen=(0.75, 0.25))
    strange = np.where(samples["cluster"] == "c", "Canon", makers)
    # The share of all (0.55) is above that of Philips (0.3), so site c comes before d.
    assert measured(samples, splits, strange)["mean"]["manufacturer", "unseen"] == 0.75


def test_oracles_stand_beside_it_where_the_truth_is_known():
    samples, splits, makers = study()
    table = measured(samples, splits, makers, truth_of(samples))
    for partition in ("seen", "test", "unseen"):
        assert table["mean"]["oracle", partition] == 1
        assert table["mean"]["oracle_no_cluster", partition] == 0.5
    models = ("manufacturer", "oracle", "oracle_no_cluster")
    assert list(table.index) == [(m, part) for part in ("seen", "test", "unseen") for m in models]
    assert set(measured(samples, splits, makers).reset_index()["model"]) == {"manufacturer"}
    assert table.loc[("oracle", "seen"), ["samples", "clusters"]].tolist() == [80, 2]
    assert table.loc[("oracle", "unseen"), ["samples", "clusters"]].tolist() == [80, 2]


def test_intervals_hold_the_value_and_say_what_they_are():
    samples, splits, makers = study()
    table = measured(samples, splits, makers, truth_of(samples).assign(oracle=0.5))
    shown = table[table["low"].notna()]
    assert (shown["low"] <= shown["mean"]).all()
    assert (shown["mean"] <= shown["high"]).all()
    assert table["interval"]["manufacturer", "seen"] == "DeLong"
    assert table["interval"]["manufacturer", "unseen"] == "cluster bootstrap"


def test_unknown_manufacturers_tell_nothing():
    samples, splits, _ = study()
    found = measured(samples, splits, ["unknown"] * len(samples))["mean"]
    assert set(found) == {0.5}
