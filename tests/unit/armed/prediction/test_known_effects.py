"""Prediction where clusters of some factors are known, those of others are new or not told."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from armed.data.samples import Samples
from armed.errors import DataError
from armed.prediction.intervals import rate_intervals
from armed.prediction.new_clusters import predict_new, predicted_new
from armed.tasks.outcomes import BinaryTask, ContinuousTask
from factor_models import method_of
from refusals import refused

PAIR = {"school": 3, "class": 4}
SCHOOL = [0, 0, 3, 3, 3, 2, None, 2]
"""Schools from 3 on and classes from 4 on are new ones."""
CLASS = [1, 4, 2, 2, None, 0, None, None]


def model(task=None, *, slopes=True):
    """Method with posteriors of schools and classes as if it had been trained."""
    method = method_of("armed", PAIR, task=task, slopes=slopes)
    method.measure(torch.zeros(2, 2))
    draw = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for effects in method.estimated:
            root = 0.3 * torch.randn(effects.covariance.shape, generator=draw)
            effects.covariance.copy_(root @ root.mT)
            effects.mean.copy_(torch.randn(effects.mean.shape, generator=draw))
            effects.prior_root.copy_(torch.eye(len(effects.prior_root)) + 0.2).tril_()
            effects.noise.fill_(0.7 if method.task.has_noise else 1.0)
    return method.eval()


def rows(count, seed=0):
    return torch.randn(count, 2, generator=torch.Generator().manual_seed(seed))


def fixed(method, x):
    """Fixed linear predictor (samples,)."""
    with torch.no_grad():
        return method.mixed.network(x)[:, 0].double().numpy()


def dense(method, x, school, room, labelled=0):
    """Mean and covariance of linear predictors by one Gaussian vector of all effects of a school's samples.

    The first samples are ``labelled``, with outcomes of 1.
    """
    x, eta = x.double().numpy(), fixed(method, x)
    mean, covariance = np.zeros(len(x)), np.zeros((len(x), len(x)))
    for own in {*school}:
        at = [i for i in range(len(x)) if school[i] == own]
        names = [(0, own), *((1, k) for k in {room[i] for i in at})]
        design = np.zeros((len(at), 0))
        m, blocks = np.zeros(0), []
        for factor, k in names:
            effects = method.estimated[factor]
            size = len(effects.prior_root)
            of = np.array([factor == 0 or room[i] == k for i in at], dtype=float)[:, None]
            columns = np.column_stack([np.ones(len(at)), x[at, 0]])[:, :size] * of
            design = np.column_stack([design, columns])
            known = k is not None and k < effects.clusters
            root = effects.prior_root.double().numpy()
            prior = effects.covariance[k].double().numpy() if known else root @ root.T
            m = np.append(m, effects.mean[k].double().numpy() if known else np.zeros(size))
            blocks.append(prior)
        whole = np.zeros((len(m), len(m)))
        start = 0
        for block in blocks:
            end = start + len(block)
            whole[start:end, start:end] = block
            start = end
        seen = [j for j, i in enumerate(at) if i < labelled]
        a = design[seen]
        gain = whole @ a.T @ np.linalg.inv(a @ whole @ a.T + 0.7 * np.eye(len(seen)))
        m = m + gain @ (1 - eta[at][seen] - a @ m)
        whole = whole - gain @ a @ whole
        mean[at] = eta[at] + design @ m
        covariance[np.ix_(at, at)] = design @ whole @ design.T
    return mean, covariance


@pytest.mark.parametrize("labelled", [0, 3])
def test_linear_predictors_are_those_of_a_dense_gaussian_solve(labelled):
    method, x = model(ContinuousTask()), rows(8)
    z = {"school": np.array(SCHOOL, dtype=object), "class": np.array(CLASS, dtype=object)}
    support = None
    if labelled:
        first = {name: column[:labelled] for name, column in z.items()}
        support = Samples(x[:labelled], torch.ones(labelled), first)
    later = {name: column[labelled:] for name, column in z.items()}
    found = predicted_new(method, x[labelled:], later, support)
    mean, covariance = dense(method, x, SCHOOL, CLASS, labelled)
    np.testing.assert_allclose(found.eta, mean[labelled:], atol=1e-6)
    same = found.unit[:, None] == found.unit
    np.testing.assert_allclose(
        same * (found.spread @ found.spread.T), covariance[labelled:, labelled:], atol=1e-6
    )


def test_new_class_of_a_known_school_integrates_over_both():
    method, x = model(slopes=False), rows(3)
    school, room = method.estimated
    sd = float((school.covariance[1, 0, 0] + room.prior_root[0, 0] ** 2).sqrt())
    found = predict_new(method, x, {"school": [1, 1, 1], "class": [4, 4, 4]})
    centre = fixed(method, x) + float(school.mean[1, 0])
    for eta, score in zip(centre, found, strict=True):
        integral, _ = quad(lambda u, at=eta: expit(at + sd * u) * norm.pdf(u), -10, 10)
        assert float(score) == pytest.approx(integral, abs=1e-6)
    ends = rate_intervals(method, x, {"school": [1, 1, 1]})
    at = np.quantile(np.random.default_rng(0).normal(size=400_000), [0.05, 0.95])
    assert ends.shape == (1, 2)
    # the variance of classes is an estimate from few of them, which makes it wider
    inside = expit(centre[:, None] + sd * at).mean(0)
    assert ends[0, 0] < inside[0] < inside[1] < ends[0, 1]


def test_labelled_samples_of_a_new_class_give_the_exact_posterior():
    method, x, new = model(slopes=False), rows(4), rows(2, seed=1)
    z, y = {"school": [1] * 4, "class": [4] * 4}, np.array([1.0, 1.0, 1.0, 0.0])
    found = predict_new(
        method, new, {n: c[:2] for n, c in z.items()}, support=Samples(x, y.astype("f"), z)
    )
    school, room = method.estimated
    at = np.linspace(-6, 6, 301)
    u, v = np.meshgrid(at, at)
    total = float(school.mean[1, 0]) + float(school.covariance[1, 0, 0].sqrt()) * u
    total = (total + float(room.prior_root[0, 0]) * v)[..., None]
    p = expit(fixed(method, x) + total)
    weight = norm.pdf(u) * norm.pdf(v) * np.prod(np.where(y == 1, p, 1 - p), axis=-1)
    expected = (weight[..., None] * expit(fixed(method, new) + total)).sum((0, 1)) / weight.sum()
    np.testing.assert_allclose(found, expected, atol=5e-3)


def test_categories_are_those_of_training_whatever_their_order():
    method, x = model(), rows(4)
    method.names, method.further_names = ("a", "b", "c"), {"class": ("k", "l", "m", "n")}
    by_name = {
        "school": pd.Categorical(["b", "new", None, "b"], categories=["new", "c", "b"]),
        "class": pd.Categorical(["x", "k", "l", None]),
    }
    by_number = {
        "school": np.array([1, 3, np.nan, 1]),
        "class": np.array([4, 0, 1, np.nan]),
    }
    expected = model()
    torch.testing.assert_close(predict_new(method, x, by_name), predict_new(expected, x, by_number))


def test_clusters_of_a_factor_that_is_not_given_are_new_ones():
    method, x = model(BinaryTask()), rows(3)
    none = np.full(3, np.nan)
    by_mapping = predict_new(method, x, {"school": none, "class": none})
    torch.testing.assert_close(predict_new(method, x), by_mapping)
    torch.testing.assert_close(predict_new(method, x, {"school": none}), by_mapping)


def test_factors_that_a_model_has_not_are_refused():
    method, x = model(), rows(2)
    with refused("z has a factor 'room' besides the first one", DataError):
        predict_new(method, x, {"school": [0, 1], "room": [0, 1]})
    support = Samples(x, [1, 0], {"school": [0, 0], "class": [0, 1]})
    with refused("support.z has a factor 'class' besides", DataError):
        predict_new(method, x, [0, 0], support=support)
