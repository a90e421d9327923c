"""Tables of pandas and polars, pipelines, and metadata that these route."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.model_selection import GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from armed.sklearn import ARMEDClassifier
from refusals import refused
from small_sites import TINY, fitted_classifier, sites

DATA = sites()
NAMES = ["age", "dose", "sex"]


def tables():
    """A table of pandas and its sites; of polars, too, where there is one."""
    made = [(pd.DataFrame(DATA.x, columns=NAMES), pd.Series(DATA.site, name="site"))]
    try:
        import polars as pl
    except ModuleNotFoundError:
        return made
    return [*made, (pl.DataFrame(DATA.x, schema=NAMES), pl.Series("site", DATA.site))]


def test_tables_give_what_their_arrays_give():
    expected = fitted_classifier().predict_proba(DATA.x, DATA.site)
    for x, site in tables():
        model = ARMEDClassifier(**TINY).fit(x, DATA.label, clusters=site)
        assert model.feature_names_in_.tolist() == NAMES
        assert {*model.random_effects_["group"]} == {"site"}
        np.testing.assert_array_equal(model.predict_proba(x, site), expected)
        with pytest.raises(ValueError, match="feature names should match"):
            model.predict(x[NAMES[::-1]], site)


def test_columns_of_text_and_rows_in_another_order_are_refused():
    x, site = tables()[0]
    with refused("column 'sex' of text"):
        ARMEDClassifier().fit(x.assign(sex="f"), DATA.label, clusters=site)
    with refused("same index in different orders"):
        ARMEDClassifier().fit(x, DATA.label, clusters=site[::-1])


def test_pipelines_and_validation_by_sites_route_clusters():
    x, site = tables()[0]
    with config_context(enable_metadata_routing=True):
        scaled = StandardScaler().set_output(transform="pandas")
        model = make_pipeline(scaled, ARMEDClassifier(**TINY))
        given = {"clusters": site, "groups": site}
        options = {"cv": GroupKFold(2), "scoring": "neg_log_loss", "return_estimator": True}
        one, other = cross_validate(model, x, DATA.label, params=given, **options)["estimator"]
        known = [{*each[-1].random_effects_["level"]} for each in (one, other)]
        assert not known[0] & known[1]
        assert known[0] | known[1] == {*site}
        assert one[-1].feature_names_in_.tolist() == NAMES
        # Clusters reach predictions, too.
        both = (one.predict_proba(x, **given) for given in ({}, {"clusters": site}))
        assert (np.abs(np.subtract(*both)).max(1) > 0)[site.isin(known[0])].all()
