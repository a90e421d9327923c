"""Maps of latents show what invented latents were made with."""

import sys

import numpy as np
import pandas as pd
import pytest

from armed.errors import DataError
from armed_study.interpretation.latents.projection import project_latents
from armed_study.io.tables import cast_table, empty_table

pytestmark = pytest.mark.slow  # UMAP is compiled when it is first imported
SAMPLES = 40


def latents(values, model="armed", fold=0, seed=0, partition="test"):
    names = [f"latent_{i:03d}" for i in range(values.shape[1])]
    about = {"study": "t", "model": model, "fold": fold, "seed": seed, "partition": partition,
             "assignment": "known", "sample": [f"s{n:04d}" for n in range(len(values))]}  # fmt: skip
    found = pd.DataFrame(values.astype(np.float32), columns=names)
    return cast_table(pd.concat([pd.DataFrame(about), found], axis=1), "latents")


@pytest.fixture(scope="module")
def groups():
    """Two groups of samples far apart along three of five latents."""
    generator = np.random.default_rng(0)
    far = np.repeat([0.0, 8.0], SAMPLES // 2)[:, None] * [1, 1, 1, 0, 0]
    return generator.normal(0, 0.5, (SAMPLES, 5)) + far


def split(maps, projection):
    """Mean place of the samples of each group, and the largest s.d. within them."""
    own = maps[maps["projection"] == projection]
    number = own["sample"].astype(str).str[1:].astype(int) >= SAMPLES // 2
    places = own.groupby(number.to_numpy())[["x", "y"]]
    return np.linalg.norm(np.diff(places.mean(), axis=0)), places.std().to_numpy().max()


def test_maps_keep_groups_apart_that_are_apart(groups):
    maps = cast_table(project_latents(latents(groups), seed=1), "latent_maps")
    for projection in ("pca", "umap"):
        apart, spread = split(maps, projection)
        assert apart > 2.5 * spread
        assert maps.loc[maps["projection"] == projection, "sample"].nunique() == SAMPLES


def test_components_explain_what_the_latents_vary_by(groups):
    maps = project_latents(latents(groups), seed=1)
    shares = maps[maps["projection"] == "pca"][["x_explained", "y_explained"]].drop_duplicates()
    standard = (groups - groups.mean(0)) / groups.std(0)
    values = np.linalg.svd(standard, compute_uv=False) ** 2
    assert shares.to_numpy() == pytest.approx((values / values.sum())[None, :2], rel=1e-4)
    places = maps[maps["projection"] == "pca"]["x"]
    assert np.var(places) * SAMPLES == pytest.approx(values[0], rel=1e-4)
    assert maps[maps["projection"] == "umap"][["x_explained", "y_explained"]].isna().all(axis=None)


def test_maps_depend_on_the_seed_and_not_on_the_order_of_rows(groups):
    table = latents(groups)
    maps = project_latents(table, seed=1)
    again = project_latents(table.sample(frac=1, random_state=3), seed=1)
    pd.testing.assert_frame_equal(maps, again)
    other = project_latents(table, seed=2)
    assert not np.allclose(maps["x"], other["x"])


def test_of_many_samples_the_same_ones_are_drawn_for_all_models(groups):
    both = pd.concat([latents(groups), latents(groups[:, :3], model="menet")], ignore_index=True)
    maps = project_latents(cast_table(both, "latents"), seed=1, most=25)
    drawn = maps.groupby(["model", "projection"], observed=True)["sample"].agg(list)
    assert len(drawn) == 4
    assert all(own == drawn.iloc[0] for own in drawn)
    assert len(set(drawn.iloc[0])) == 25
    assert drawn.iloc[0] != sorted(drawn.iloc[0])  # the lot's order, so that no date hides another


def test_maps_are_of_seen_test_samples_of_the_first_fold_and_seed(groups):
    others = [latents(groups, **own) for own in ({"seed": 1}, {"fold": 1}, {"partition": "unseen"})]
    alone = latents(groups[:30] + 1)
    maps = project_latents(cast_table(pd.concat([*others, alone]), "latents"), seed=1)
    pd.testing.assert_frame_equal(maps, project_latents(alone, seed=1))


def test_a_single_latent_has_maps_and_a_constant_one_has_none(groups):
    line = project_latents(latents(groups[:, :1]), seed=1)
    own = line[line["projection"] == "pca"]
    assert own["y"].abs().max() < 1e-9
    assert own["x_explained"].iloc[0] == pytest.approx(1)
    assert project_latents(latents(np.ones((SAMPLES, 3))), seed=1).empty
    assert project_latents(latents(groups[:3]), seed=1).empty
    assert project_latents(empty_table("latents"), seed=1).empty


def test_latents_that_are_no_numbers_are_refused(groups):
    broken = groups.copy()
    broken[3, 2] = np.inf
    with pytest.raises(
        DataError, match="model 'armed': found 1 latent without a value, expected num"
    ):
        project_latents(latents(broken), seed=1)


def test_umap_is_imported_where_it_is_needed_only():
    assert "armed_study.interpretation.latents.projection" in sys.modules
    module = sys.modules["armed_study.interpretation.latents.projection"]
    assert not any(name.lower() == "umap" for name in vars(module))
