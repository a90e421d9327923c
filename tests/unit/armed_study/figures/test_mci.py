"""The figures of study mci: tables hold what they say, drawings show it and nothing overlaps it."""

import functools
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy import stats

from armed.errors import DataError
from armed_study.evaluation.roc import GRID, true_positive_rates
from armed_study.evaluation.scores import score_predictions
from armed_study.evaluation.summaries import summarise
from armed_study.figures import style
from armed_study.figures.data import descriptives, flow
from armed_study.figures.effects import (
    probe_ranks,
    ranked_importance,
    sites,
    univariate,
    validation,
)
from armed_study.figures.performance import roc
from armed_study.figures.point_labels import label_points
from armed_study.report.published import published_univariate
from figure_text import coded, painted, refuse_collisions, texts
from invented_predictions import Invented, invent

ABOUT = {
    "title": "Stable or progressive MCI",
    "origin": "generated, no one real",
    "generated": True,
}
NAMES = (
    "flow", "descriptives", "univariate", "roc", "ranked_importance", "validation", "sites",
)  # fmt: skip
Drawn = Callable[[str], tuple[Figure, str]]
FEATURES = ("Age", "MMSE", "mPACC with Digit symbol substitution", "APOE4: 2")
SLOPES = ("armed", "armed_no_adversary")
ROWS = {"armed_randomized_z": {"alias_of": "armed", "assignment": "random"}}


@pytest.fixture(scope="module")
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


@pytest.fixture(scope="module")
def steps() -> pd.DataFrame:
    rows = [
        (0, "participants", "", 1700),
        (1, "baseline diagnosis of MCI", "", 800),
        (1, "baseline diagnosis of MCI", "cognitively normal", 500),
        (1, "baseline diagnosis of MCI", "dementia", 400),
        (2, "labelled", "", 700),
        (2, "labelled", "left before 24 months without a diagnosis of dementia until then", 100),
    ]
    return pd.DataFrame(rows, columns=["order", "stage", "reason", "count"])


@pytest.fixture(scope="module")
def invented() -> Invented:
    return invent(models={"conventional": 2.0, "armed": 0.5}, folds=4, seeds=2, unseen=8, size=24)


@pytest.fixture(scope="module")
def samples(invented: Invented) -> pd.DataFrame:
    return invented.samples.assign(held_out=False)


@pytest.fixture(scope="module")
def summary(invented: Invented) -> pd.DataFrame:
    scored = score_predictions(
        invented.predictions, invented.samples, invented.truth, rows=ROWS, study="invented"
    )
    return summarise(scored, seed=0, draws=50)


@pytest.fixture(scope="module")
def random_effects(rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (model, fold, seed, effect, f"c{cluster}", float(rng.normal(cluster, 0.1)), 0.05)
        for model in ("lmmnn", *SLOPES)
        for fold in range(4)
        for seed in range(2)
        for effect in ("intercept", *(f"linear_slope[{name}]" for name in FEATURES), "slope[0]")
        for cluster in range(4)
        if model in SLOPES or effect == "intercept"
    ]
    columns = ["model", "fold", "seed", "effect", "cluster", "mean", "sd"]
    return pd.DataFrame(rows, columns=columns).assign(study="mci")


@pytest.fixture(scope="module")
def importances(rng: np.random.Generator) -> pd.DataFrame:
    size = {name: 0.4 - 0.1 * place for place, name in enumerate(FEATURES)}
    probes = {f"probe {n}": 0.25 for n in range(3)}
    rows = [
        (model, fold, seed, kind, name, name in probes, value * rng.uniform(0.95, 1.05) * scale)
        for model in ("conventional", *SLOPES)
        for fold in range(4)
        for seed in range(2)
        for kind, scale in (("average", 1.0), ("at_mean", 3.0))
        for name, value in {**size, **probes}.items()
    ]
    columns = ["model", "fold", "seed", "kind", "feature", "probe", "importance"]
    return pd.DataFrame(rows, columns=columns).assign(study="mci")


@pytest.fixture(scope="module")
def fitted(rng: np.random.Generator) -> pd.DataFrame:
    frame = published_univariate().rename(columns={"random_slope_sd": "slope_sd"})
    frame["coefficient"] += frame["standard_error"] * np.where(frame.index < 3, 2.5, -1.9)
    return frame.assign(intercept_sd=0.4, samples=392)


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    rows = [
        (group, measure, mean, sd, 300, "Example 2010")
        for group in ("EMCI", "LMCI")
        for measure, mean, sd in (("MMSE", 28.0, 2.0), ("Age", 72.0, 7.0), ("Never measured", 1, 1))
    ]
    return pd.DataFrame(rows, columns=["group", "measure", "mean", "sd", "n", "source"])


@pytest.fixture(scope="module")
def measures() -> pd.DataFrame:
    rows = [
        (group, measure, 2, mean + shift, sd)
        for group, shift in (("EMCI", 0.0), ("LMCI", -2.0))
        for measure, mean, sd in (("MMSE", 28.0, np.sqrt(2)), ("Age", 72.0, np.sqrt(98)))
    ]
    return pd.DataFrame(rows, columns=["group", "measure", "count", "mean", "sd"])


@pytest.fixture(scope="module")
def comparisons(rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for model in ("glmm", *SLOPES):
        kinds = {"conversion_rate": 20, "true_intercept": 20}
        kinds |= {"slope_sd": 26, "relative_risk_sd": 11} if model in SLOPES else {}
        for comparison, count in kinds.items():
            reference = rng.uniform(0, 1, count)
            learned = 0.2 * reference + rng.normal(0, 0.03, count)
            part = pd.DataFrame({"learned": learned, "reference": reference})
            part = part.assign(low=learned - 0.01, high=learned + 0.01, model=model)
            parts.append(part.assign(comparison=comparison, item=[f"item {n}" for n in part.index]))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def cluster_truth() -> pd.DataFrame:
    names = [f"c{n}" for n in range(12)]
    return pd.DataFrame(
        {"cluster": names, "quantity": "intercept", "value": np.linspace(-1, 1, 12)}
    )


@pytest.fixture(scope="module")
def tables(request: pytest.FixtureRequest) -> dict[str, tuple[ModuleType, pd.DataFrame]]:
    get = request.getfixturevalue
    invented = get("invented")
    return {
        "flow": (flow, flow.table(get("steps"), get("samples"), invented.splits, cluster="site")),
        "descriptives": (descriptives, descriptives.table(get("measures"), get("published"))),
        "univariate": (univariate, univariate.table(get("fitted"), published_univariate())),
        "roc": (roc, roc.table(
            invented.predictions, get("samples"), invented.truth, get("summary"), rows=ROWS)),
        "ranked_importance": (ranked_importance, ranked_importance.table(
            get("importances"), get("random_effects"), top=5)),
        "validation": (validation, validation.table(get("comparisons"))),
        "sites": (sites, sites.table(
            get("samples"), invented.splits, get("random_effects"), get("cluster_truth"))),
    }  # fmt: skip


@pytest.fixture(scope="module")
def drawn(tables: dict) -> Drawn:
    """Draw a figure and read its text before it is laid out, once for all tests that only look."""

    @functools.cache
    def draw(name: str) -> tuple[Figure, str]:
        figure = tables[name][0].draw(tables[name][1], **ABOUT)
        return figure, texts(figure)

    return draw


@pytest.mark.parametrize("name", NAMES)
def test_table_has_the_declared_columns_and_rows(name: str, tables: dict) -> None:
    module, table = tables[name]
    assert list(table.columns) == list(module.COLUMNS)
    assert len(table)


def test_tables_are_the_same_from_text_and_from_categories(
    tables: dict,
    invented: Invented,
    samples: pd.DataFrame,
    summary: pd.DataFrame,
    random_effects: pd.DataFrame,
    importances: pd.DataFrame,
    cluster_truth: pd.DataFrame,
    steps: pd.DataFrame,
) -> None:
    effects, splits = coded(random_effects), coded(invented.splits)
    again = {
        "flow": flow.table(coded(steps), coded(samples), splits, cluster="site"),
        "roc": roc.table(coded(invented.predictions), coded(samples), coded(invented.truth),
                         coded(summary), rows=ROWS),
        "ranked_importance": ranked_importance.table(coded(importances), effects, top=5),
        "sites": sites.table(coded(samples), splits, effects, coded(cluster_truth)),
    }  # fmt: skip
    for name, table in again.items():
        pd.testing.assert_frame_equal(table, tables[name][1], obj=name)


@pytest.mark.parametrize("name", NAMES)
def test_files_are_the_same_byte_by_byte(
    name: str, tables: dict, drawn: Drawn, tmp_path: Path
) -> None:
    module, table = tables[name]
    style.save(drawn(name)[0], tmp_path / "a.svg", tmp_path / "a.png")
    style.save(module.draw(table, **ABOUT), tmp_path / "b.svg", tmp_path / "b.png")
    for kind in ("svg", "png"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_figure_can_be_drawn_from_the_table_read_back_from_csv(
    name: str, tables: dict, drawn: Drawn, tmp_path: Path
) -> None:
    module, table = tables[name]
    table.to_csv(tmp_path / "table.csv", index=False)
    again = module.draw(pd.read_csv(tmp_path / "table.csv"), **ABOUT)
    assert texts(again) == drawn(name)[1]


@pytest.mark.parametrize("name", NAMES)
def test_generated_data_are_called_so_and_real_ones_are_not(name: str, tables: dict) -> None:
    module, table = tables[name]
    assert "(generated data)" in texts(module.draw(table, **ABOUT))
    real = module.draw(table, title="MCI", origin="real data", generated=False)
    assert "generated" not in texts(real)


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_table_is_refused_by_name(name: str, tables: dict) -> None:
    with pytest.raises(DataError, match=f"figure '{name}'"):
        tables[name][0].draw(pd.DataFrame({"other": [1]}), **ABOUT)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_to_show_is_said_in_a_sentence(name: str, tables: dict) -> None:
    module, table = tables[name]
    assert "No " in texts(module.draw(table.iloc[:0], **ABOUT))


@pytest.mark.parametrize("name", NAMES)
def test_no_text_overlaps_another_or_leaves_the_figure(
    name: str, drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = drawn(name)[0]
    style.save(figure, tmp_path / "a.svg", tmp_path / "a.png")
    shown = painted(figure, monkeypatch)
    assert len(shown) > 5
    refuse_collisions(figure, shown)


def test_flow_forks_into_seen_and_unseen_clusters_of_the_splits(
    tables: dict, samples: pd.DataFrame
) -> None:
    branches = tables["flow"][1].query("kind == 'branch'")
    assert branches["stage"].tolist() == ["4 seen sites", "8 unseen sites"]
    assert branches["count"].tolist() == [96, 192]
    assert branches["positives"].sum() == samples["outcome"].sum()
    shown = texts(tables["flow"][0].draw(tables["flow"][1], **ABOUT))
    assert "Left out: n = 900" in shown
    assert "n = 1,700" in shown


@pytest.mark.parametrize("orders", [(3, 3), (3, 4)])
def test_flow_sees_a_fork_in_last_stages_that_add_up(
    orders: tuple[int, int], steps: pd.DataFrame
) -> None:
    last = pd.DataFrame(
        {
            "order": orders,
            "stage": ["seen sites", "unseen sites"],
            "reason": "",
            "count": [400, 300],
        }
    )
    table = flow.table(pd.concat([steps, last]))
    assert table.query("kind == 'branch'")["stage"].tolist() == ["seen sites", "unseen sites"]
    alone = flow.table(pd.concat([steps, last.assign(order=[3, 4], count=[600, 500])]))
    assert "branch" not in set(alone["kind"])


def test_flow_has_no_fork_where_every_cluster_is_seen_in_some_fold(steps: pd.DataFrame) -> None:
    crossed = invent(models={"armed": 1.0}, folds=0, unseen=6, seen=0, leave_out=3)
    table = flow.table(steps, crossed.samples, crossed.splits)
    assert "branch" not in set(table["kind"])


def test_descriptives_are_in_units_of_the_published_spread(tables: dict) -> None:
    table = tables["descriptives"][1].set_index(["group", "measure"])
    assert table.loc[("LMCI", "MMSE"), "difference"] == pytest.approx(-1)
    assert table.loc[("EMCI", "MMSE"), "sd_ratio"] == pytest.approx(np.sqrt(2) / 2)
    assert table.loc[("EMCI", "MMSE"), "n"] == 2
    assert np.isnan(table.loc[("EMCI", "Never measured"), "difference"])
    assert "Never measured" not in texts(descriptives.draw(tables["descriptives"][1], **ABOUT))


def test_univariate_counts_features_within_two_published_errors(tables: dict) -> None:
    table = tables["univariate"][1]
    assert table["published_coefficient"].is_monotonic_decreasing
    far = set(table.loc[~table["within"], "feature"])
    assert far == {"Years of education", "Age", "CDR-SB"}
    figure = univariate.draw(table, **ABOUT)
    assert "23 of 26 within 2 published standard errors" in texts(figure)
    bold = {label.get_text() for label in figure.axes[0].get_yticklabels()
            if label.get_fontweight() == "bold"}  # fmt: skip
    assert bold == far


def test_published_univariate_models_are_those_of_the_continuous_features() -> None:
    frame = published_univariate()
    assert len(frame) == frame["feature"].nunique() == 26
    assert (frame[["standard_error", "random_slope_sd"]] > 0).all(axis=None)


def test_roc_curve_is_the_share_above_each_threshold() -> None:
    outcome, score = np.array([1, 0, 1, 0, 0]), np.array([0.9, 0.8, 0.7, 0.2, 0.1])
    curve = true_positive_rates(outcome, score)[0]
    assert curve[0] == 0.5
    assert curve[GRID < 1 / 3].tolist() == [0.5] * 34
    assert curve[GRID > 1 / 3].tolist() == [1.0] * 67
    tied = true_positive_rates(outcome, np.ones(5))[0]
    assert tied == pytest.approx(GRID)
    drawn_twice = true_positive_rates(outcome, score, np.array([[1, 1, 1, 1, 1], [3, 1, 1, 0, 0]]))
    assert drawn_twice[:, 0].tolist() == [0.5, 0.75]
    assert np.isnan(true_positive_rates(np.ones(3), np.arange(3))).all()


def test_area_under_the_mean_curve_is_the_mean_auroc(tables: dict) -> None:
    table = tables["roc"][1]
    for _, rows in table.groupby(["model", "partition"]):
        area = np.trapezoid(rows["tpr"], rows["fpr"])
        assert area == pytest.approx(rows["auroc"].iloc[0], abs=0.006)
        assert (rows["low"] <= rows["tpr"] + 0.02).all()
        assert (rows["high"] >= rows["tpr"] - 0.02).all()


def test_roc_shows_the_output_and_assignment_a_model_is_judged_by(tables: dict) -> None:
    table = tables["roc"][1]
    shown = table.groupby(["model", "partition"])[["assignment", "effect"]].first()
    assert shown.loc[("armed", "unseen")].tolist() == ["membership", "mixed"]
    assert shown.loc[("armed", "test")].tolist() == ["known", "mixed"]
    assert shown.loc[("armed_randomized_z", "test")].tolist() == ["random", "mixed"]
    assert ("oracle_no_cluster", "unseen") in shown.index
    better = table.groupby("model")["tpr"].mean()
    assert better["conventional"] < better["armed"] < better["oracle"]


def test_roc_band_on_unseen_clusters_is_wider_with_fewer_clusters(
    invented: Invented, summary: pd.DataFrame
) -> None:
    few = invented.samples["cluster"].isin([f"c{n}" for n in range(6)])
    kept = invented.samples[few]
    part = invented.predictions[invented.predictions["sample"].isin(kept["sample"])]
    widths = [
        (rows["high"] - rows["low"])[rows["partition"] == "unseen"].mean()
        for rows in (
            roc.table(invented.predictions, invented.samples, invented.truth.iloc[:0], summary),
            roc.table(part, kept, invented.truth.iloc[:0], summary),
        )
    ]
    assert widths[0] < widths[1]


def test_features_are_ranked_by_their_median_over_folds(tables: dict) -> None:
    table = tables["ranked_importance"][1]
    for model, rows in table[table["quantity"] == "importance"].groupby("model"):
        medians = rows.groupby("rank")["value"].median()
        assert medians.is_monotonic_decreasing, model
        assert medians.index.tolist() == [1, 2, 3, 4, 5]
        assert rows.loc[rows["rank"] == 1, "feature"].unique().tolist() == ["Age"]


def test_slopes_are_the_spread_over_clusters_of_models_with_slopes_on_inputs(
    tables: dict, random_effects: pd.DataFrame
) -> None:
    table = tables["ranked_importance"][1].query("quantity == 'slope_sd'")
    assert set(table["model"]) == set(SLOPES)
    one = random_effects.query("model == 'armed' and fold == 1 and effect == 'linear_slope[Age]'")
    expected = one.groupby("seed")["mean"].std().mean()
    found = table.query("model == 'armed' and fold == 1 and feature == 'Age'")["value"]
    assert found.tolist() == pytest.approx([expected])


def test_ranked_importance_draws_without_slopes_or_probes(importances: pd.DataFrame) -> None:
    table = ranked_importance.table(importances[~importances["probe"]], kind="at_mean")
    assert set(table["quantity"]) == {"importance"}
    shown = texts(ranked_importance.draw(table, **ABOUT, ranks=probe_ranks.table(importances)[:0]))
    assert "probe" not in shown
    assert "slope" not in shown


def test_probe_ranks_count_probes_among_the_first(importances: pd.DataFrame) -> None:
    ranks = probe_ranks.table(importances, top=4)
    assert list(ranks.columns) == list(probe_ranks.COLUMNS)
    # 0.4 and 0.3 stand before the three probes of 0.25, 0.2 and 0.1 behind
    assert ranks["mean_rank"].tolist() == pytest.approx([4.0] * 12)
    assert set(ranks["in_top"]) == {2}
    assert ranks[["probes", "features"]].drop_duplicates().to_numpy().tolist() == [[3, 7]]
    assert probe_ranks.table(importances[~importances["probe"]]).empty
    dead = probe_ranks.table(importances.assign(importance=0.0))  # a network that reacts to nothing
    assert set(dead["mean_rank"]) == {4.0}
    assert set(dead["in_top"]) == {3}  # all share the mean rank, which is among the first ten
    shown = texts(
        ranked_importance.draw(ranked_importance.table(importances), **ABOUT, ranks=ranks)
    )
    assert "Mean rank of 3 probes among 7 features" in shown


def test_correlations_are_told_in_words(tables: dict) -> None:
    found = validation.correlations(tables["validation"][1])
    words = validation.readable(found)
    assert len(words) == len(found)
    assert not words["of learned"].str.contains("_").any()
    first = found.iloc[0]
    assert words["correlation r (interval)"][0].startswith(f"{first['r']:.3f}".replace("-", "−"))


def test_correlations_have_the_interval_of_fishers_z(tables: dict) -> None:
    table = tables["validation"][1]
    found = validation.correlations(table).set_index(["comparison", "model"])
    part = table.query("comparison == 'slope_sd' and model == 'armed'")
    row = found.loc[("slope_sd", "armed")]
    r, p = stats.pearsonr(part["learned"], part["reference"])
    half = stats.norm.ppf(0.975) / np.sqrt(len(part) - 3)
    expected = [r, np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half), p, 26]
    assert row.tolist() == pytest.approx(expected)
    assert validation.table([]).empty
    flat = validation.correlations(part.assign(reference=1.0))
    assert flat[["r", "r_low", "p"]].isna().all(axis=None)
    assert "r not defined" in texts(validation.draw(part.assign(reference=1.0), **ABOUT))


def test_validation_gives_each_comparison_a_panel_for_each_model_that_has_it(tables: dict) -> None:
    panels = validation._arrange(tables["validation"][1])
    assert [len(row) for row in panels] == [4, 3, 3]
    assert panels[0][:2] == [("slope_sd", "armed"), ("slope_sd", "armed_no_adversary")]
    assert panels[1][0] == ("conversion_rate", "glmm")


def test_labels_go_to_the_first_points_where_there_is_room() -> None:
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


def test_sites_hold_shares_learned_and_true_intercepts_of_their_block(tables: dict) -> None:
    table = tables["sites"][1]
    shares = table[table["quantity"] == "share"]
    assert shares["value"].is_monotonic_increasing
    assert shares.groupby("block")["cluster"].agg(set)["seen"] == {"c0", "c1", "c2", "c3"}
    learned = table[table["model"] == "armed"].set_index("cluster")
    assert set(learned.index) == {"c0", "c1", "c2", "c3"}
    assert learned.loc["c2", "value"] == pytest.approx(2, abs=0.2)
    assert (learned["low"] < learned["value"]).all()
    truth = table[table["model"] == sites.TRUTH].set_index("cluster")
    assert truth.loc["c0", "value"] == -1
    assert truth.loc["c11", "block"] == "unseen"


def test_sites_draw_without_truth_or_intercepts(
    samples: pd.DataFrame, invented: Invented, random_effects: pd.DataFrame
) -> None:
    table = sites.table(samples, invented.splits, random_effects.iloc[:0])
    shown = texts(sites.draw(table, **ABOUT))
    assert "4 seen clusters" in shown
    assert "intercept" not in shown.replace("learned intercepts", "")


def test_a_cluster_of_one_sample_is_named_so(
    samples: pd.DataFrame, invented: Invented, random_effects: pd.DataFrame
) -> None:
    table = sites.table(samples, invented.splits, random_effects.iloc[:0])
    table.loc[0, "samples"] = 1
    assert "1 sample" in texts(sites.draw(table, **ABOUT)).splitlines()
