import numpy as np

from armed.sklearn import ARMEDRegressor
from small_sites import TINY, fitted_regressor, sites

DATA = sites()


def test_predictions_and_variances_are_in_the_unit_of_the_outcome():
    one = fitted_regressor()
    other = ARMEDRegressor(**TINY).fit(DATA.x, DATA.number / 8 - 3, clusters=DATA.site)
    for clusters in (None, DATA.site):
        expected = one.predict(DATA.x, clusters) / 8 - 3
        np.testing.assert_allclose(other.predict(DATA.x, clusters), expected, rtol=1e-3, atol=1e-3)
        ends = one.predict_interval(DATA.x[:5], clusters if clusters is None else clusters[:5])
        again = other.predict_interval(DATA.x[:5], clusters if clusters is None else clusters[:5])
        np.testing.assert_allclose(again, ends / 8 - 3, rtol=1e-2, atol=1e-2)
    pair = (model.variance_components_["estimate"] for model in (one, other))
    np.testing.assert_allclose(
        *(np.array(v) * k for v, k in zip(pair, (1, 8), strict=True)), rtol=1e-2
    )


def test_intervals_cover_samples_of_new_clusters_as_often_as_asked():
    model, new = fitted_regressor(), sites(seed=1)
    low, high = model.predict_interval(new.x, ["new"] * len(new.x), level=0.9).T
    assert ((low < new.number) & (new.number < high)).mean() > 0.75


def test_intraclass_correlation_is_that_of_the_truth():
    model = ARMEDRegressor(**{**TINY, "epochs": 20})
    data = sites(800, 40, sd=1.0)
    model.fit(data.x, data.number, clusters=data.site)
    assert abs(model.icc_ - 0.5) < 0.15
    assert "Residual" in model.summary()
