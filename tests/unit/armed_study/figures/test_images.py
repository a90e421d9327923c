"""The figures of studies of images: tables hold what they say, drawings show it, nothing overlaps."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from armed.errors import DataError
from armed_study.evaluation.site_differences import METRICS, compare_sites
from armed_study.figures import style
from armed_study.figures.data import site_differences, slices
from figure_text import coded, painted, refuse_collisions, texts

ABOUT = {"title": "AD or CN", "origin": "generated, no one real", "generated": True}
NAMES = ("slices", "site_differences")
MAKERS = ("GE MEDICAL SYSTEMS", "SIEMENS", "Philips")
SIZE = 24
Study = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, np.ndarray]
Draw = Callable[[pd.DataFrame], Figure]


def invent(seen: int = 12, unseen: int = 24, size: int = 14) -> Study:
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
    return samples, qc, metrics, images.astype(np.float32)


@pytest.fixture(scope="module")
def study() -> Study:
    return invent()


@pytest.fixture(scope="module")
def tables(study: Study) -> dict[str, pd.DataFrame]:
    samples, qc, metrics, _ = study
    return {
        "slices": slices.table(samples, qc),
        "site_differences": compare_sites(samples, qc, metrics),
    }


@pytest.fixture(scope="module")
def draws(study: Study) -> dict[str, Draw]:
    return {
        "slices": functools.partial(slices.draw, images=study[3]),
        "site_differences": site_differences.draw,
    }


@pytest.fixture(scope="module")
def drawn(tables: dict, draws: dict[str, Draw]) -> Callable[[str], tuple[Figure, str]]:
    @functools.cache
    def draw(name: str) -> tuple[Figure, str]:
        figure = draws[name](tables[name], **ABOUT)
        return figure, texts(figure)

    return draw


@pytest.mark.parametrize("name", NAMES)
def test_tables_have_the_declared_columns(name: str, tables: dict) -> None:
    module = {"slices": slices, "site_differences": site_differences}[name]
    assert list(tables[name].columns) == list(module.COLUMNS)
    assert len(tables[name])


def test_tables_are_the_same_from_text_and_from_categories(study: Study, tables: dict) -> None:
    samples, qc, metrics = map(coded, study[:3])
    pd.testing.assert_frame_equal(slices.table(samples, qc), tables["slices"])
    again = compare_sites(samples, qc, metrics)
    pd.testing.assert_frame_equal(again, tables["site_differences"])


@pytest.mark.parametrize("name", NAMES)
def test_files_are_the_same_byte_by_byte(
    name: str, tables: dict, draws: dict[str, Draw], tmp_path: Path
) -> None:
    for stem in "ab":
        figure = draws[name](tables[name], **ABOUT)
        style.save(figure, tmp_path / f"{stem}.svg", tmp_path / f"{stem}.png")
    for kind in ("svg", "png"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_figure_can_be_drawn_from_the_table_read_back_from_csv(
    name: str,
    tables: dict,
    draws: dict[str, Draw],
    drawn: Callable[[str], tuple[Figure, str]],
    tmp_path: Path,
) -> None:
    tables[name].to_csv(tmp_path / "table.csv", index=False)
    again = draws[name](pd.read_csv(tmp_path / "table.csv"), **ABOUT)
    assert texts(again) == drawn(name)[1]


@pytest.mark.parametrize("name", NAMES)
def test_no_text_overlaps_another_or_leaves_the_figure(
    name: str,
    drawn: Callable[[str], tuple[Figure, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    figure = drawn(name)[0]
    style.save(figure, tmp_path / "a.svg", tmp_path / "a.png")
    shown = painted(figure, monkeypatch)
    assert len(shown) > 20
    refuse_collisions(figure, shown)


@pytest.mark.parametrize("name", NAMES)
def test_generated_data_are_called_so_and_real_ones_are_not(
    name: str, tables: dict, draws: dict[str, Draw]
) -> None:
    assert "(generated data)" in texts(draws[name](tables[name], **ABOUT))
    real = draws[name](tables[name], title="AD or CN", origin="real data", generated=False)
    assert "generated" not in texts(real)


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_table_is_refused_and_an_empty_one_said(
    name: str, tables: dict, draws: dict[str, Draw]
) -> None:
    with pytest.raises(DataError, match=f"figure '{name}'"):
        draws[name](pd.DataFrame({"other": [1]}), **ABOUT)
    assert "No site has an image." in texts(draws[name](tables[name].iloc[:0], **ABOUT))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("seen", "unseen"), [(2, 0), (3, 70)])
def test_few_and_many_sites_are_drawn(name: str, seen: int, unseen: int, tmp_path: Path) -> None:
    samples, qc, metrics, images = invent(seen, unseen, size=4)
    if name == "slices":
        figure = slices.draw(slices.table(samples, qc), images, **ABOUT)
        assert ("10 further sites not shown" in texts(figure)) == (unseen == 70)
    else:
        figure = site_differences.draw(compare_sites(samples, qc, metrics), **ABOUT)
        assert (f"{unseen} unseen sites" in texts(figure)) == bool(unseen)
    style.save(figure, tmp_path / "a.svg", tmp_path / "a.png")


def test_slices_show_subjects_once_with_image_site_and_share(study: Study, tables: dict) -> None:
    samples, table = study[0], tables["slices"]
    first = samples.loc[table["row"]].reset_index(drop=True)
    assert first["sample"].tolist() == table["sample"].tolist()
    assert first["cluster"].tolist() == table["cluster"].tolist()
    assert (first["outcome"] == table["outcome"]).all()
    assert not first["group"].duplicated().any()
    seen = table[table["block"] == "seen"]
    assert seen.groupby(["cluster", "outcome"]).size().max() == 5
    once = samples.drop_duplicates("group")
    shares = once.groupby("cluster")["outcome"].mean()
    assert seen["share"].to_numpy() == pytest.approx(seen["cluster"].map(shares).to_numpy())
    assert list(dict.fromkeys(seen["manufacturer"])) == ["GE", "Siemens", "Philips"]


def test_slices_show_one_image_of_each_unseen_site_in_turn(tables: dict) -> None:
    unseen = tables["slices"].query("block == 'unseen'")
    assert len(unseen) == unseen["cluster"].nunique() == 24
    assert unseen["outcome"].sum() == 12


def test_each_slice_is_painted_in_its_place(study: Study, tables: dict) -> None:
    figure = slices.draw(tables["slices"], study[3], **ABOUT)
    painted_images = figure.axes[0].images
    assert len(painted_images) == len(tables["slices"])
    for picture, row in zip(painted_images, tables["slices"].itertuples(), strict=True):
        np.testing.assert_array_equal(picture.get_array(), study[3][row.row, 0])
    places = {tuple(np.round(picture.get_extent(), 6)) for picture in painted_images}
    assert len(places) == len(painted_images)


def test_shares_and_variances_are_written_beside_the_points(study: Study, tables: dict) -> None:
    shown = texts(site_differences.draw(tables["site_differences"], **ABOUT))
    table = tables["site_differences"].query("level == 'manufacturer' and metric == 'share of AD'")
    for row in table.itertuples():
        assert f"{row.value:.0%} of {row.subjects}".replace("%", " %") in shown
    assert "> 99 % of the variance between sites" in shown
    assert "12 seen sites, 168 subjects" in shown


def test_trees_without_manufacturers_are_drawn(study: Study) -> None:
    samples, qc, metrics, images = study
    none = qc.assign(manufacturer=None)
    shown = texts(site_differences.draw(compare_sites(samples, none, metrics), **ABOUT))
    assert "unknown" in shown
    assert "GE" not in shown
    assert "unknown" in texts(slices.draw(slices.table(samples, none), images, **ABOUT))


def test_measures_that_no_scan_has_get_no_panel(study: Study) -> None:
    samples, qc, metrics, _ = study
    whole = site_differences.draw(compare_sites(samples, qc, metrics), **ABOUT)
    less = compare_sites(samples, qc.assign(raw_mean=np.nan), metrics)
    assert len(whole.axes) == 2 * (len(METRICS) + 1)
    assert len(site_differences.draw(less, **ABOUT).axes) == len(whole.axes) - 2
