"""`armed.sklearn.ARMEDClassifier` beside other estimators, on a table of many clusters.

``python benchmarks/estimator.py`` draws a binary outcome whose logit is nonlinear in some of 50 features and
has a random intercept for each of 1,000 clusters, which differ in their features, too. A tenth of these is
unseen: their samples and a fifth of those of the others are predicted. Each estimator has a process of its
own and one core; seconds are of the processor. GPBoost is given the clusters as ARMED is,
HistGradientBoostingClassifier their mean outcome, cross-fitted, MLPClassifier nothing of them. The exit code
is 1 if ARMED takes more than twice the time of MLPClassifier, or an AUROC is more than 0.005 below the best.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from typing import Any, NamedTuple

import numpy as np

MODELS = ("armed", "gpboost", "mlp", "hist_gradient_boosting")
SLOWER, WORSE = 2.0, 0.005
SD = 1.0


class Table(NamedTuple):
    """Samples with their clusters and the truth."""

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    logit: np.ndarray
    effects: np.ndarray

    def rows(self, at: np.ndarray) -> Table:
        """Some of the samples."""
        return Table(self.x[at], self.y[at], self.z[at], self.logit[at], self.effects)


def draw(samples: int, features: int, clusters: int, seed: int) -> Table:
    """Samples of clusters that differ by a normal intercept of variance 1 and in their features."""
    rng = np.random.default_rng(seed)
    z = rng.integers(0, clusters, samples)
    x = rng.normal(size=(samples, features)) + 0.3 * rng.normal(size=(clusters, features))[z]
    fixed = (
        0.2 * x[:, 5:15].sum(1) + np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * np.abs(x[:, 3])
    )
    effects = SD * rng.normal(size=clusters)
    logit = fixed - fixed.mean() + effects[z]
    return Table(x, (rng.random(samples) < 1 / (1 + np.exp(-logit))).astype(int), z, logit, effects)


def armed(train: Table, tests: list[Table], seed: int) -> tuple[list[np.ndarray], float]:
    """Return probabilities of the tests and the variance of the intercepts."""
    from armed.sklearn import ARMEDClassifier

    model = ARMEDClassifier(random_state=seed).fit(train.x, train.y, clusters=train.z)
    found = model.variance_components_["estimate"][0] ** 2
    return [model.predict_proba(test.x, clusters=test.z)[:, 1] for test in tests], found


def gpboost(train: Table, tests: list[Table], seed: int) -> tuple[list[np.ndarray], float]:
    """Trees with a random intercept; rounds by its own validation on a fifth of the training samples."""
    import gpboost as gp

    held = np.random.default_rng(seed).random(len(train.y)) < 0.2
    options = {"num_leaves": 31, "learning_rate": 0.1, "verbose": 0, "num_threads": 1, "seed": seed}

    def model(z: np.ndarray) -> Any:
        return gp.GPModel(group_data=z, likelihood="bernoulli_logit")

    own, left = train.rows(~held), train.rows(held)
    tried = model(own.z)
    tried.set_prediction_data(group_data_pred=left.z)
    sets = gp.Dataset(own.x, own.y), gp.Dataset(left.x, left.y)
    booster = gp.train(
        options, sets[0], gp_model=tried, num_boost_round=500, valid_sets=sets[1],
        early_stopping_rounds=20, use_gp_model_for_validation=True, verbose_eval=False,
    )  # fmt: skip
    rounds = max(booster.best_iteration, 1)
    last = model(train.z)
    booster = gp.train(options, gp.Dataset(train.x, train.y), gp_model=last, num_boost_round=rounds)
    found = [
        booster.predict(data=t.x, group_data_pred=t.z, pred_latent=False)["response_mean"]
        for t in tests
    ]
    return found, float(np.ravel(last.get_cov_pars(format_pandas=False))[0])


def mlp(train: Table, tests: list[Table], seed: int) -> tuple[list[np.ndarray], float]:
    """scikit-learn's network by its defaults, of standardised features."""
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), MLPClassifier(random_state=seed)).fit(train.x, train.y)
    return [model.predict_proba(test.x)[:, 1] for test in tests], np.nan


def hist_gradient_boosting(
    train: Table, tests: list[Table], seed: int
) -> tuple[list[np.ndarray], float]:
    """scikit-learn's trees by their defaults, with the mean outcome of the cluster as a feature."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import TargetEncoder

    def wide(table: Table) -> np.ndarray:
        return np.column_stack([table.z, table.x])

    encoder = make_column_transformer(
        (TargetEncoder(random_state=seed), [0]), remainder="passthrough"
    )
    model = make_pipeline(encoder, HistGradientBoostingClassifier(random_state=seed))
    model.fit(wide(train), train.y)
    return [model.predict_proba(wide(test))[:, 1] for test in tests], np.nan


def measure(name: str, asked: argparse.Namespace) -> dict[str, float]:
    """Time, memory and errors of one estimator, in this process."""
    from sklearn.metrics import log_loss, roc_auc_score

    table = draw(asked.samples, asked.features, asked.clusters, asked.seed)
    rng = np.random.default_rng(asked.seed + 1)
    seen = table.z < asked.clusters * 9 // 10
    held = rng.random(len(table.y)) < 0.2
    train, tests = table.rows(seen & ~held), [table.rows(seen & held), table.rows(~seen)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    scores, variance = globals()[name](train, tests, asked.seed)
    spent = time.process_time() - start
    found = {
        "seconds": spent,
        "mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    }
    for part, test, score in zip(("seen", "unseen"), tests, scores, strict=True):
        found[f"auroc {part}"] = roc_auc_score(test.y, score)
        found[f"loss {part}"] = log_loss(test.y, np.clip(score, 1e-7, 1 - 1e-7))
        found[f"oracle {part}"] = roc_auc_score(
            test.y, test.logit - (part == "unseen") * test.effects[test.z]
        )
    drawn = np.var(table.effects[: asked.clusters * 9 // 10])
    return found | {"variance error": variance / drawn - 1}


def main() -> int:
    """Print a line for each estimator."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=50)
    parser.add_argument("--clusters", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument("--alone", action="store_true", help="measure here and print JSON")
    asked = parser.parse_args()
    if asked.alone:
        print(json.dumps(measure(asked.models[0], asked)))
        return 0
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    sizes = [
        f"--{name}={getattr(asked, name)}" for name in ("samples", "features", "clusters", "seed")
    ]
    results = {}
    columns = (
        "seconds",
        "mb",
        "auroc seen",
        "auroc unseen",
        "loss seen",
        "loss unseen",
        "variance error",
    )
    print(f"{'estimator':<24}" + "".join(f"{column:>15}" for column in columns))
    for name in asked.models:
        run = [sys.executable, __file__, "--alone", "--models", name, *sizes]
        printed = subprocess.run(
            run, check=True, stdout=subprocess.PIPE, env=os.environ | threads
        ).stdout
        results[name] = found = json.loads(printed.splitlines()[-1])
        shown = [f"{found[c]:>15.0f}" for c in columns[:2]] + [
            f"{found[c]:>15.4f}" for c in columns[2:6]
        ]
        error = found["variance error"]  # NaN: it estimates none
        shown.append(f"{'-' if np.isnan(error) else f'{error:+.1%}':>15}")
        print(f"{name:<24}" + "".join(shown), flush=True)
    any_found = next(iter(results.values()))
    print(f"AUROC by the true logit: seen {any_found['oracle seen']:.4f}, unseen, effects left out, "
          f"{any_found['oracle unseen']:.4f}")  # fmt: skip
    if not {"armed", "mlp"} <= {*results}:
        return 0
    slow = results["armed"]["seconds"] > SLOWER * results["mlp"]["seconds"]
    best = {
        part: max(found[part] for found in results.values())
        for part in ("auroc seen", "auroc unseen")
    }
    worse = any(results["armed"][part] < value - WORSE for part, value in best.items())
    return int(slow or worse)


if __name__ == "__main__":
    sys.exit(main())
