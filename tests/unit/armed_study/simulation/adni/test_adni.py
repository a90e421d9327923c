"""The simulated ADNIMERGE has the published sizes and effects, and a true score of each person."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sklearn.metrics import log_loss, roc_auc_score

from adni_draws import CATEGORIES, PROJECT_SEED, SEEDS, drawn, labelled, people, rule_label
from armed_study.report.published import published_univariate
from armed_study.simulation.adni.conversion import (
    INTERCEPT_SD,
    conversion_table,
    draw_outcomes,
    expected_over_sites,
    fixed_logit,
    standardised,
)

EACH_SEED = pytest.mark.parametrize("seed", SEEDS)


def complete() -> pd.DataFrame:
    """People with MCI of whom no measure is missing."""
    known = people(PROJECT_SEED).query("oracle.notna()")
    return known.dropna(subset=list(conversion_table()["column"]))


def slope(column: str, frame: pd.DataFrame) -> float:
    values = frame[column].dropna().astype(float)
    x = sm.add_constant(((values - values.mean()) / values.std()).to_numpy())
    return sm.Logit(frame.loc[values.index, "outcome"], x).fit(disp=0).params.iloc[1]


@EACH_SEED
def test_sizes_and_prevalence_are_those_of_the_published_study(seed):
    seen, others = labelled(seed)
    assert len(seen) == 392
    assert len(others) == 327
    assert 0.24 <= seen["outcome"].mean() <= 0.30
    assert len(people(seed)) == 1700
    assert people(seed)["SITE"].nunique() == 60
    assert seen["SITE"].value_counts().max() > 2 * seen["SITE"].value_counts().min()


@EACH_SEED
def test_coding_the_seen_sites_gives_37_columns(seed):
    seen, others = labelled(seed)
    levels = [set(seen[c].dropna().astype(str)) - {"Unknown"} for c in CATEGORIES]
    assert [len(found) for found in levels] == [3, 2, 2, 5, 4]
    assert len(conversion_table()) + sum(len(found) - 1 for found in levels) == 37
    assert "Hawaiian/Other PI" in set(others["PTRACCAT"])


@EACH_SEED
def test_univariate_coefficients_are_near_the_published_ones(seed):
    wanted = published_univariate().set_index("feature")
    found = conversion_table()["column"].map(lambda column: slope(column, labelled(seed)[0]))
    apart = (found - wanted["coefficient"]) / wanted["standard_error"]
    assert (apart.abs() < 2).sum() >= (22 if seed == PROJECT_SEED else 20), apart.round(2)


def test_slopes_vary_between_sites_as_published():
    wanted = published_univariate().set_index("feature")["random_slope_sd"]
    assert conversion_table()["slope_sd"].equals(wanted.rename("slope_sd"))
    truth = drawn(PROJECT_SEED)["truth_sites.csv"]
    wide = truth.pivot(index="SITE", columns="quantity", values="value")
    sizes = labelled(PROJECT_SEED)[0]["SITE"].value_counts()
    seen, weight = wide.loc[sizes.index], (sizes / sizes.sum()).to_numpy()[:, None]
    spread = np.sqrt((weight * seen**2).sum())
    spread.index = spread.index.str.removeprefix("slope[").str.removesuffix("]")
    expected = {**wanted, "intercept": INTERCEPT_SD}
    assert spread.to_dict() == pytest.approx(expected, rel=1e-3)
    assert (weight * seen).sum().abs().max() < 1e-5
    unseen = wide.drop(index=sizes.index)
    assert 0.7 < (unseen.std() / seen.std()).mean() < 1.3


def test_the_oracle_follows_from_the_file_and_the_sites_where_nothing_is_missing():
    some = complete()
    assert len(some) > 200
    x = standardised(some)
    truth = drawn(PROJECT_SEED)["truth_sites.csv"]
    effects = truth.pivot(index="SITE", columns="quantity", values="value").loc[some["SITE"]]
    slopes = effects[[f"slope[{name}]" for name in x]].to_numpy()
    logit = fixed_logit(x) + effects["intercept"].to_numpy() + (slopes * x.to_numpy()).sum(axis=1)
    assert 1 / (1 + np.exp(-logit)) == pytest.approx(some["oracle"].to_numpy(), abs=1e-5)


def test_without_the_site_the_oracle_is_its_mean_over_sites_of_the_law():
    x = standardised(complete().iloc[:40])
    rng = np.random.default_rng(0)
    slopes = rng.standard_normal((40_000, 26)) * conversion_table()["slope_sd"].to_numpy()
    site = INTERCEPT_SD * rng.standard_normal(40_000)[:, None] + slopes @ x.to_numpy().T
    brute = (1 / (1 + np.exp(-(fixed_logit(x) + site)))).mean(axis=0)
    assert expected_over_sites(fixed_logit(x), x) == pytest.approx(brute, abs=0.008)


def test_both_oracles_are_calibrated_and_the_site_helps():
    pooled = pd.concat([part for seed in SEEDS for part in labelled(seed)])
    assert pooled["oracle"].mean() == pytest.approx(pooled["outcome"].mean(), abs=0.003)
    for score, error in (("oracle", 4), ("oracle_no_cluster", 5)):  # people of a site go together
        for _, group in pooled.groupby(pd.cut(pooled[score], np.linspace(0, 1, 6))):
            chance = np.sqrt((group[score] * (1 - group[score])).sum()) / len(group)
            assert abs(group["outcome"].mean() - group[score].mean()) < error * chance
    seen = pd.concat([labelled(seed)[0] for seed in SEEDS])
    losses = [log_loss(seen["outcome"], seen[s]) for s in ("oracle", "oracle_no_cluster")]
    areas = [roc_auc_score(seen["outcome"], seen[s]) for s in ("oracle", "oracle_no_cluster")]
    assert losses[0] < losses[1] - 0.02
    assert 0.91 < areas[1] + 0.01 < areas[0] < 0.96


def test_outcomes_have_exactly_the_given_probabilities():
    probability = np.random.default_rng(3).beta(0.4, 1.0, 100)
    draws = np.array([draw_outcomes(np.random.default_rng(i), probability) for i in range(4000)])
    error = np.sqrt(probability * (1 - probability) / len(draws))
    assert (np.abs(draws.mean(axis=0) - probability) < 4.5 * error + 1e-3).all()
    assert np.abs(draws.sum(axis=1) - probability.sum()).max() <= 1


@EACH_SEED
def test_visits_give_every_labelled_person_the_drawn_label_and_nobody_else_one(seed):
    file, truth = drawn(seed)["ADNIMERGE.csv"], drawn(seed)["truth_subjects.csv"]
    visits = file[["RID", "Month", "DX"]].drop_duplicates().groupby("RID")[["Month", "DX"]]
    found = visits.apply(rule_label).loc[truth["RID"]].to_numpy()
    wanted = truth["outcome"].where(truth["labelled"]).to_numpy(float)
    np.testing.assert_array_equal(found, wanted)
