"""Invented tables of studies: what jobs would write, small and with known answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from armed_study.evaluation.models.decomposition import decompose
from armed_study.evaluation.models.limit import share_of_oracle
from armed_study.evaluation.models.pairs import Pairs
from armed_study.evaluation.scores import score_predictions
from armed_study.evaluation.summaries import summarise
from armed_study.interpretation.attribution.maps import KEYS, to_table
from armed_study.io.tables import cast_table
from armed_study.report.published import published_univariate
from armed_study.vocabulary.measures import FRAME_MEASURES
from armed_study.vocabulary.terms import EVERY
from invented_predictions import invent

MODELS = ("conventional", "cluster_input", "lmmnn", "armed", "my_own_net")
FEW = ("conventional", "cluster_input", "armed")  # where a figure has a panel for each model
RADIUS = pd.Series({"1": 0.6, "2": -0.9, "10": 1.3, "11": 1.0}, name="value")
MIXED = {"lmmnn", "armed"}
FEATURES = ("Age", "MMSE", "mPACC with Digit symbol substitution", "APOE4: 2")
SLOPES = ("armed", "armed_no_adversary")
ROWS = {"armed_randomized_z": {"alias_of": "armed", "assignment": "random"}}
SITES, SIZE, FOLDS = ("S1", "S2", "S10"), 24, 3
ATTRIBUTED = {"conventional": False, "armed": True, "lmmnn": True}  # whether it has mixed effects
IMAGINING = {"armed": 0.0, "armed_no_adversary": 0.1}  # by how much its pictures are off
SEEN_DATES = ("d0", "d1", "d2")
DATES = ("150317", "150408", "150422")
CELLS = {
    "H/1": (DATES[1], 1.0, "test"), "L/1": (DATES[0], 0.0, "test"),
    "H/2": ("150513", 1.0, "unseen"), "L/2": ("151021", 0.0, "unseen"),
}  # fmt: skip
SOURCES = {"P1": 1.0, "P2": 0.0, "P3": 0.0}
LATENT_MODELS = ("armed_no_adversary", "armed", "cluster_input", "conventional")
OF_SAMPLES = ["sample", "cluster", "group", "outcome", "held_out", "stratum"]
MAKERS = ("GE MEDICAL SYSTEMS", "SIEMENS", "Philips")


def crossed(**levels: Iterable) -> pd.DataFrame:
    """One row for each combination of levels; those named last change fastest."""
    return pd.MultiIndex.from_product(levels.values(), names=levels).to_frame(index=False)


@cache
def spirals() -> SimpleNamespace:
    """Four seen clusters, of which 2 is flipped, and one unseen; three folds; two features."""
    rng = np.random.default_rng(7)
    samples = pd.DataFrame({"cluster": np.repeat([*RADIUS.index, "20"], 40)})
    share = np.repeat([0.2, 0.4, 0.6, 0.8, 0.5], 40)
    samples["outcome"] = (rng.uniform(size=len(samples)) < share) * 1.0
    samples[["x1", "x2"]] = rng.normal(size=(len(samples), 2))
    samples["sample"] = [f"s{n}" for n in range(len(samples))]
    samples["held_out"] = samples["cluster"] == "20"
    parts = []
    for fold in range(3):
        side = np.where(np.arange(len(samples)) % 3 == fold, "test", "train")
        side = np.where(samples["held_out"], "unseen", side)
        parts.append(pd.DataFrame({"fold": fold, "sample": samples["sample"], "partition": side}))
    scores, summary = _scores(rng)
    return SimpleNamespace(
        samples=samples, splits=pd.concat(parts, ignore_index=True),
        cluster_truth=RADIUS.rename_axis("cluster").reset_index().assign(quantity="radius"),
        scores=scores, summary=summary, importance=_spiral_importance(rng),
        random_effects=_spiral_effects(), calibration=_calibration(), **_display(),
    )  # fmt: skip


def _display() -> dict[str, pd.DataFrame]:
    axis = np.linspace(-1, 1, 9)
    display = crossed(cluster=RADIUS.index, x2=axis, x1=axis)
    display["sample"] = [f"d{n}" for n in range(len(display))]
    own = display["cluster"].map(RADIUS)
    plane, mixed = (1 / (1 + np.exp(-4 * display["x1"] * r)) for r in (1, own))
    predicted = []
    for model, fold in product(FEW, (0, 1)):
        fixed = mixed if model == "cluster_input" else plane
        part = display[["sample"]].assign(fixed=np.clip(fixed + fold / 10, 0, 1))
        part["mixed"] = mixed if model in MIXED else np.nan
        predicted.append(part.assign(study="spirals_plain", model=model, fold=fold))
    oracle = 1 / (1 + np.exp(-6 * (display["x1"] * own)))
    truth = pd.DataFrame({"sample": display["sample"], "oracle": oracle, "oracle_no_cluster": 0.5})
    joined = pd.concat(predicted, ignore_index=True)
    return {"display": display, "display_predictions": joined, "truth": truth}


def _scores(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    seen, unseen = ((own, "zero", "average", "random") for own in ("known", "membership"))
    parts = []
    for model in (*MODELS, "armed_randomized_z", "oracle", "oracle_no_cluster"):
        for partition, assignments in (("train", seen), ("test", seen), ("unseen", unseen)):
            assignments = assignments if model in {"cluster_input", *MIXED} else ("none",)
            assignments = ("random",) if model == "armed_randomized_z" else assignments
            mixed = model.removesuffix("_randomized_z") in MIXED
            parts.append(crossed(
                model=[model], partition=[partition], assignment=assignments,
                effect=("fixed", "mixed")[: 1 + mixed], metric=("accuracy", "auroc"),
                fold=range(4), seed=range(2),
            ))  # fmt: skip
    scores = pd.concat(parts, ignore_index=True).assign(study="spirals_plain")
    scores["value"] = rng.uniform(0.7, 0.8, len(scores))
    keys = ["study", "model", "partition", "assignment", "effect", "metric"]
    frame = scores.groupby(keys)["value"].agg(["mean", "median", "std"]).reset_index()
    frame = frame.rename(columns={"std": "sd"})
    frame = frame.assign(low=frame["mean"] - 0.01, high=frame["mean"] + 0.01)
    return scores, frame.assign(interval="t over folds", folds=4, seeds=2)


def _spiral_importance(rng: np.random.Generator) -> pd.DataFrame:
    names = ("x1", "x2", "probe 1", "probe 2")
    rows = crossed(
        model=MODELS, fold=range(3), seed=range(2), kind=("average", "at_mean"), feature=names
    )
    rows["probe"] = rows["feature"].str.startswith("probe")
    size = rng.uniform(0.1, 0.2, len(rows)) * np.where(rows["probe"], 0.5, 1)
    return rows.assign(importance=size, study="spirals_plain")


def _spiral_effects() -> pd.DataFrame:
    rows = crossed(
        model=("lmmnn", "armed"), fold=range(3), seed=range(2), effect=("intercept", "slope[0]"),
        cluster=RADIUS.index,
    )  # fmt: skip
    mean = rows["cluster"].map(list(RADIUS.index).index) + 0.1 * rows["seed"]
    return rows.assign(mean=mean, sd=0.05, study="spirals_plain")


def _calibration() -> pd.DataFrame:
    sides = (("test", "known"), *(("unseen", how) for how in ("membership", "marginal", "zero")))
    rows = crossed(model=FEW, side=sides, bin=range(10))
    rows[["partition", "assignment"]] = rows.pop("side").tolist()
    rows["predicted"] = 0.05 + rows["bin"] / 10
    observed = rows["predicted"] ** 1.2
    known = {"low": observed - 0.03, "high": observed + 0.03, "count": 50, "density": 1.0}
    known |= {"left": rows["predicted"] - 0.05, "right": rows["predicted"] + 0.05}
    return rows.assign(observed=observed, **known, study="spirals_plain")


def few_shot() -> pd.DataFrame:
    """Scores of two models that rise with the number of labelled samples."""
    how = (("zero", 0), ("marginal", 0), ("few_shot", 1), ("few_shot", 5), ("few_shot", 20))
    rows = crossed(model=("lmmnn", "armed"), how=how, metric=("auroc", "log_loss"))
    rows[["assignment", "shots"]] = rows.pop("how").tolist()
    rows["mean"] = 0.6 + rows["shots"] / 100
    ends = {"low": rows["mean"] - 0.05, "high": rows["mean"] + 0.05, "difference": 0.01}
    ends |= {"difference_low": 0.0, "difference_high": 0.02}
    counts = {"folds": 3, "clusters": 8, "small_clusters": 2, "samples": 160}
    return cast_table(rows.assign(study="spirals_plain", **ends, **counts), "few_shot")


@cache
def _pairs() -> Pairs:
    return Pairs(mci().scored, mci().splits, seed=0, draws=20)


def decomposition() -> pd.DataFrame:
    """Where the gain of a model comes from, of invented predictions."""
    ablations = [["capacity", "armed", "conventional"]]
    return decompose(_pairs(), ablations, reference="armed", metrics=("auroc", "auroc_within"))


def limit() -> pd.DataFrame:
    """How far these models are from the oracles."""
    return share_of_oracle(_pairs())


def learning_curves() -> pd.DataFrame:
    """Scores of two models and an oracle that rise with samples and clusters."""
    points = (
        ("samples_per_cluster", 5),
        ("samples_per_cluster", 10),
        ("clusters", 2),
        ("whole", 0),
    )
    how = {"partition": ("test", "unseen"), "metric": ("auroc", "accuracy")}
    rows = crossed(point=points, model=("conventional", "armed", "oracle"), **how)
    rows[["varied", "kept"]] = rows.pop("point").tolist()
    rows = rows[(rows["varied"] != "clusters") | (rows["partition"] == "unseen")]
    rows["samples_per_cluster"] = rows["kept"].where(rows["varied"] == "samples_per_cluster", 18.5)
    rows["clusters"] = rows["kept"].where(rows["varied"] == "clusters", 4).astype(float)
    rows["mean"] = 0.5 + 0.02 * rows["samples_per_cluster"] * rows["clusters"] / 4
    ends = {"low": rows["mean"] - 0.04, "high": rows["mean"] + 0.04, "interval": "t over folds"}
    about = {"study": "s", "assignment": "none", "effect": "fixed", "folds": 5, "seeds": 1}
    return cast_table(rows.assign(**ends, **about), "learning_curves")


def frames_of_cells() -> pd.DataFrame:
    """Samples on four dates: on each two xenografts of either efficiency, five cells, three frames."""
    rows = [
        (f"{pdx}/{date}/c{cell}/{frame}", date, f"{pdx}/{date}/c{cell}", float(pdx[0] == "H"),
         date not in SEEN_DATES, f"PDX {pdx}")
        for date in (*SEEN_DATES, "d9")
        for pdx in ("H1", "H2", "L1", "L2")
        for cell in range(5)
        for frame in range(3)
    ]  # fmt: skip
    return cast_table(pd.DataFrame(rows, columns=OF_SAMPLES), "samples")


@cache
def mci() -> SimpleNamespace:
    """Four seen and eight unseen sites of 24 subjects, three models, four folds of two seeds."""
    rng = np.random.default_rng(11)
    invented = invent(
        models={"conventional": 2.0, "armed": 0.5}, folds=4, seeds=2, unseen=8, size=24
    )
    scored = score_predictions(
        invented.predictions, invented.samples, invented.truth, rows=ROWS, study="invented"
    )
    effects, importance = _mci_effects(rng), _mci_importance(rng)
    univariate = published_univariate().rename(columns={"random_slope_sd": "slope_sd"})
    univariate["coefficient"] += univariate["standard_error"] * np.where(
        univariate.index < 3, 2.5, -1.9
    )
    names = [f"c{n}" for n in range(12)]
    truth = {"cluster": names, "quantity": "intercept", "value": np.linspace(-1, 1, 12)}
    return SimpleNamespace(
        invented=invented, scored=scored, samples=invented.samples.assign(held_out=False),
        splits=invented.splits,
        summary=summarise(scored, seed=0, draws=50), random_effects=effects, importance=importance,
        univariate=univariate.assign(intercept_sd=0.4, samples=392), flow=_flow(),
        cluster_truth=pd.DataFrame(truth), effect_validation=_comparisons(rng), **_descriptives(),
    )  # fmt: skip


def _flow() -> pd.DataFrame:
    rows = [
        (0, "participants", "", 1700),
        (1, "baseline diagnosis of MCI", "", 800),
        (1, "baseline diagnosis of MCI", "cognitively normal", 500),
        (1, "baseline diagnosis of MCI", "dementia", 400),
        (2, "labelled", "", 700),
        (2, "labelled", "left before 24 months without a diagnosis of dementia until then", 100),
    ]
    return pd.DataFrame(rows, columns=["order", "stage", "reason", "count"])


def _mci_effects(rng: np.random.Generator) -> pd.DataFrame:
    effects = ("intercept", *(f"linear_slope[{name}]" for name in FEATURES), "slope[0]")
    rows = crossed(
        model=("lmmnn", *SLOPES), fold=range(4), seed=range(2), effect=effects, cluster=range(4)
    )
    rows = rows[rows["model"].isin(SLOPES) | (rows["effect"] == "intercept")]
    mean = rng.normal(rows["cluster"], 0.1)
    cluster = "c" + rows["cluster"].astype(str)
    return rows.assign(cluster=cluster, mean=mean, sd=0.05, study="mci").reset_index(drop=True)


def _mci_importance(rng: np.random.Generator) -> pd.DataFrame:
    size = {name: 0.4 - 0.1 * place for place, name in enumerate(FEATURES)}
    size |= {f"probe {n}": 0.25 for n in range(3)}
    scale = {"average": 1.0, "at_mean": 3.0}
    rows = crossed(
        model=("conventional", *SLOPES), fold=range(4), seed=range(2), kind=scale, feature=size
    )
    rows["probe"] = rows["feature"].str.startswith("probe")
    value = rows["feature"].map(size) * rng.uniform(0.95, 1.05, len(rows))
    return rows.assign(importance=value * rows["kind"].map(scale), study="mci")


def _descriptives() -> dict[str, pd.DataFrame]:
    known = {"MMSE": (28.0, 2.0), "Age": (72.0, 7.0), "Never measured": (1.0, 1.0)}
    published = crossed(group=("EMCI", "LMCI"), measure=known)
    published[["mean", "sd"]] = published["measure"].map(known).tolist()
    own = published[published["measure"] != "Never measured"].assign(count=2)
    own["mean"] += own["group"].map({"EMCI": 0.0, "LMCI": -2.0})
    own["sd"] = own["measure"].map({"MMSE": np.sqrt(2), "Age": np.sqrt(98)})
    published = published.assign(n=300, source="Example 2010")
    return {"published": published, "descriptives": own.reset_index(drop=True)}


def _comparisons(rng: np.random.Generator) -> pd.DataFrame:
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


@cache
def scans(seen: int = 12, unseen: int = 24, size: int = 14) -> SimpleNamespace:
    """Samples, qc, image metrics and images; image i is a ramp up to a grey of its own."""
    rng = np.random.default_rng(5)
    rows = [
        (f"{site:03d}{subject:02d}_{scan}", site, subject, scan)
        for site in range(seen + unseen)
        for subject in range(size if site < seen else 5)
        for scan in range(1 + (subject % 4 == 0))
    ]
    frame = pd.DataFrame(rows, columns=["sample", "site", "subject", "scan"])
    maker, unit = frame["site"] % 3, rng.normal(0, 0.02, len(frame))
    share = np.where(frame["site"] < seen, np.where(maker == 0, 0.75, 0.25), 0.5)
    samples = pd.DataFrame({
        "sample": frame["sample"],
        "cluster": [f"S{site + 1:02d}" for site in frame["site"]],
        "group": frame["sample"].str.split("_").str[0],
        "outcome": (frame["subject"] * 0.999 < share * np.where(frame["site"] < seen, size, 5)),
        "held_out": frame["site"] >= seen,
    }).astype({"outcome": "float32"})  # fmt: skip
    qc = pd.DataFrame(
        {"sample": frame["sample"], "manufacturer": maker.map(dict(enumerate(MAKERS)))}
    )
    qc = qc.assign(raw_mean=2400 / 3.0**maker * (1 + unit), raw_contrast=0.3 + unit)
    metrics = pd.DataFrame({"sample": frame["sample"], "intensity": 0.6 + unit})
    metrics = metrics.assign(contrast=0.3 + unit / 4, edge_contrast=0.06 - 0.01 * maker + unit / 4)
    ramp = np.linspace(0, 1, SIZE)[None, None] * np.ones((SIZE, 1))
    images = ramp * np.linspace(0.5, 1, len(frame))[:, None, None, None]
    return SimpleNamespace(
        samples=samples, qc=qc, metrics=metrics, images=images.astype(np.float32)
    )


@cache
def attribution() -> SimpleNamespace:
    """Maps of three networks; under site k's effects the mixed map of ARMED is that of fixed plus k."""
    rows = [
        (f"s{n:02d}", SITES[n % 3] if n < 12 else "S99", float(n // 2 % 2), n >= 12)
        for n in range(24)
    ]
    samples = pd.DataFrame(rows, columns=["sample", "cluster", "outcome", "held_out"])
    samples["group"] = samples["sample"]
    parts = [
        samples.assign(fold=fold, partition=np.where(samples["held_out"], "unseen", "test"))
        for fold in range(FOLDS)
    ]
    homes = pd.concat(parts, ignore_index=True)
    place = homes.groupby(["fold", "partition", "outcome"]).cumcount()
    homes = homes.assign(shown=(place < 2) & (homes["fold"] == 0))
    grey = np.linspace(0, 1, SIZE)[:, None] * np.ones(SIZE)
    known = np.zeros((SIZE, SIZE))
    known[4:9, 5:12] = 0.9
    return SimpleNamespace(
        samples=samples, attribution=_maps(homes), scores=_attribution_scores(homes),
        attributed=cast_table(homes[["fold", "partition", "sample", "shown"]], "attributed"),
        images=np.tile(grey, (24, 1, 1, 1)), disease_maps=np.tile(known, (24, 1, 1, 1)),
    )  # fmt: skip


def _fitted(homes: pd.DataFrame) -> Iterator[tuple[Any, dict]]:
    """Samples and keys of what fitted models predict: fixed effects, and mixed where there are any."""
    for model, mixed in ATTRIBUTED.items():
        for seed in (0, 1):
            for one in homes.itertuples():
                key = dict.fromkeys(KEYS, "a") | {"model": model, "fold": one.fold, "seed": seed}
                key |= {"partition": one.partition, "sample": one.sample}
                for effect in ("fixed", "mixed")[: 1 + mixed]:
                    yield one, key | {"effect": effect, "by": "gradcam"}
                    yield one, key | {"effect": effect, "by": "integrated_gradients"}


def _maps(homes: pd.DataFrame) -> pd.DataFrame:
    rows, values = [], []
    for one, key in _fitted(homes):
        every = one.shown and one.partition == "test" and key["effect"] == "mixed"
        every &= key["by"] == "gradcam"
        for site in ("", *SITES) if every else ("",):
            rows.append(key | {"cluster": site, "assignment": "every" if site else "known"})
            shift = SITES.index(site) if site and key["model"] == "armed" else 0
            values.append(np.arange(9).reshape(3, 3) + int(one.sample[1:]) + shift)
    table = to_table(pd.DataFrame(rows), np.array(values, dtype=np.float32))
    return cast_table(table, "attribution")


def _attribution_scores(homes: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = [
        key | {"outcome": one.outcome, "uniform": 0.06, "inside": rng.uniform(0, 0.3),
               "auroc": rng.uniform(0.3, 0.9), "agreement": rng.uniform(-0.2, 0.8),
               "empty": one.sample == "s00"}
        for one, key in _fitted(homes)
    ]  # fmt: skip
    return cast_table(pd.DataFrame(rows), "attribution_scores")


def true_grey(date: str) -> float:
    return 0.2 + 0.1 * DATES.index(date)


def _flat(greys: list[float]) -> np.ndarray:
    return np.array(greys, np.float32)[:, None, None, None] * np.ones((1, 32, 32), np.float32)


@cache
def frames() -> SimpleNamespace:
    """Flat frames of 0.4; fixed 0.5; mixed: the true grey of the date and what a model is off by."""
    samples = pd.DataFrame(
        [(name, date, name, y, date not in DATES, f"PDX P{name[0]}")
         for name, (date, y, _) in CELLS.items()],
        columns=OF_SAMPLES,
    )  # fmt: skip
    chosen = pd.DataFrame({"fold": 0, "partition": [p for *_, p in CELLS.values()],
                           "sample": list(CELLS), "shown": True})  # fmt: skip
    rows = []
    for model, off in IMAGINING.items():
        for name, (_, _, partition) in CELLS.items():
            about = {"study": "t", "model": model, "fold": 0, "seed": 0, "partition": partition,
                     "sample": name}  # fmt: skip
            shown = [("fixed", "none", "", 0.5)]
            if partition == "unseen":
                shown.append(("mixed", "membership", "", 0.7 + off))
            else:
                shown += [("mixed", EVERY, date, true_grey(date) + off) for date in DATES]
            columns = ("effect", "assignment", "cluster", "grey")
            rows += [about | dict(zip(columns, one, strict=True)) for one in shown]
    table = pd.DataFrame(rows).assign(row=range(len(rows)))
    truth = pd.DataFrame([(name, date) for name in list(CELLS)[:2] for date in DATES],
                         columns=["sample", "cluster"])  # fmt: skip
    arrays = {
        "frames": np.full((4, 1, 32, 32), 102, np.uint8),
        "counterfactuals": _flat(table.pop("grey").tolist()),
        "rendered": _flat([true_grey(date) for date in truth["cluster"]]),
    }
    tables = {"counterfactuals": table, "rendered": truth.assign(row=range(len(truth)))}
    chosen = cast_table(chosen, "selected_frames").astype({"partition": str, "sample": str})
    return SimpleNamespace(tables=tables, chosen=chosen, samples=samples, arrays=arrays)


def counterfactual_scores() -> pd.DataFrame:
    rows = [
        {"study": "t", "model": model, "fold": 0, "seed": 0, "sample": f"s{n}", "cell": f"c{n}",
         "own_cluster": DATES[0], "cluster": date, "fixed": 0.05 + 0.001 * n,
         "mixed": 0.02 + 0.2 * off, "unchanged": 0.03}
        for model, off in IMAGINING.items() for n in range(6) for date in DATES
    ]  # fmt: skip
    return cast_table(pd.DataFrame(rows), "counterfactual_scores")


def cells(dates: int) -> pd.DataFrame:
    """Samples: on each date three xenografts of three cells, each of three frames."""
    rows = [
        (f"s{date}{source}{n}", f"15{date:02d}17", f"c{date}{source}{n // 3}", y, False,
         f"PDX {source}")
        for date in range(dates) for source, y in SOURCES.items() for n in range(9)
    ]  # fmt: skip
    return cast_table(pd.DataFrame(rows, columns=OF_SAMPLES), "samples")


def latent_maps(known: pd.DataFrame) -> pd.DataFrame:
    names = known["sample"].astype(str)
    rows = crossed(study=["t"], model=LATENT_MODELS, projection=("pca", "umap"), sample=names)
    rows[["x", "y"]] = np.random.default_rng(0).normal(size=(len(rows), 2))
    rows["x_explained"] = rows["projection"].map({"pca": 0.4})
    return cast_table(rows.assign(y_explained=rows["x_explained"] / 2), "latent_maps")


def latent_distances(
    models: tuple[str, ...] = LATENT_MODELS,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = [
        {"study": "t", "model": model, "source": source, "one_source": 6 + place + number / 9,
         "one_cluster": 5 + number, "cluster_pairs": 3, "source_pairs": 4}
        for place, model in enumerate(models) for number, source in enumerate(SOURCES)
    ]  # fmt: skip
    scores = [
        {"study": "t", "model": model, "metric": metric, "by": "cluster", "value": value,
         "low": value - 0.1, "high": value + 0.2, "chance": np.nan}
        for model in models
        for metric, value in (("distance_one_source", 7.0), ("distance_one_cluster", 5.6),
                              ("distance_ratio", 1.25), ("davies_bouldin", 3.0))
    ]  # fmt: skip
    made = pd.DataFrame(rows)
    made["ratio"] = made["one_source"] / made["one_cluster"]
    table = cast_table(made, "latent_distances")
    return table, cast_table(pd.DataFrame(scores), "latent_scores")


def appearance(dates: int = 9) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Looks of frames and reconstructions, whose steps between dates fixed effects make ten times less."""
    known, generator = cells(dates), np.random.default_rng(1)
    date = known["cluster"].astype(str).str[2:4].astype(int).to_numpy()
    parts = []
    for model in ("conventional", "armed", "armed_no_adversary"):
        for effect, step in (("original", 0.02), ("mixed", 0.02), ("fixed", 0.002)):
            if (model, effect) == ("conventional", "mixed"):
                continue
            values = {
                metric: scale * (1 + step * date + generator.normal(0, 0.01, len(known)))
                for metric, scale in zip(FRAME_MEASURES, (0.4, 0.1, 0.01, 25), strict=True)
            }
            about = {"study": "t", "model": model, "fold": 0, "seed": 0, "partition": "test",
                     "assignment": "known", "effect": effect, "sample": known["sample"]}  # fmt: skip
            parts.append(pd.DataFrame({**about, **values}))
    return cast_table(pd.concat(parts), "appearance"), known


def documented_effects() -> pd.DataFrame:
    """Fits of documented models, one far from lme4's, as by Laplace's approximation."""
    rows = [
        {"item": f"nlme/Rail/{number}", "family": family, "formula": "y ~ 1 + (1 | g)", "factor": "g",
         "effects": 1, "clusters": 6, "rows": 18, "lme4_variance": lme4, "variance": lme4 * ratio,
         "quadrature": lme4 * ratio if reason else np.nan, "difference": ratio - 1, "lme4_icc": icc,
         "icc": icc * ratio, "singular": False, "converged": True, "reason": reason}
        for number, (family, lme4, ratio, icc, reason) in enumerate([
            ("gaussian", 0.02, 1.0, 0.1, ""), ("gaussian", 40_000.0, 1.0, 0.9, ""),
            ("poisson", 0.3, 1.001, 0.3, ""), ("bernoulli", 140.0, 0.1, 0.6, "Laplace's approximation")])
    ]  # fmt: skip
    return cast_table(pd.DataFrame(rows), "documented_effects")


def grid_effects() -> pd.DataFrame:
    """Fits of two cells, of variance 0 and 1, over three draws."""
    rows = [
        {"cell": f"binary_{variance:g}", "outcome": "binary", "sizes": "balanced", "clusters": 1000,
         "variance": variance, "model": model, "replicate": replicate, "samples": 20_000,
         "drawn": variance, "estimate": estimate if variance else estimate / 100,
         "error": abs(estimate - 1) + 0.02 * replicate if variance else np.nan,
         "excess": abs(estimate - 1) if variance else np.nan, "metric": "auroc",
         "seen": seen, "unseen": 0.6, "sample_coverage": np.nan, "conformal_sample_coverage": np.nan,
         "conformal_rate_coverage": 0.93 if model in ("armed", "lmmnn") else np.nan,
         "rate_coverage": 0.9 if model in ("armed", "lmmnn") else np.nan}
        for variance in (0.0, 1.0)
        for model, estimate, seen in (("conventional", np.nan, 0.7), ("armed", 0.9, 0.8),
                                      ("lmmnn", 1.2, 0.79), ("mixed_model", 0.6, 0.72), ("oracle", 1.0, 0.85))
        for replicate in range(3)
    ]  # fmt: skip
    return cast_table(pd.DataFrame(rows), "grid_effects")
