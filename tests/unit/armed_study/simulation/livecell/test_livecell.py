"""The generated live-cell frames: who was imaged when, the truth, the images and the files."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from armed.errors import ConfigError
from armed_study.simulation import livecell
from armed_study.simulation.livecell import frame as livecell_frame
from armed_study.simulation.livecell.body import draw_body, grid_of, phase
from armed_study.simulation.livecell.cells import traits
from armed_study.simulation.livecell.dates import appearances
from armed_study.simulation.livecell.names import LivecellSettings, cell_folder, cells, dates
from armed_study.simulation.livecell.optics import expose
from refusals import refused
from trees import contents

SEED = 7
SMALL = LivecellSettings(size=32, cells_seen=2, cells_unseen=2, frames=3)
SEEDS = pytest.mark.parametrize("seed", [1, 2, 3])


def truth(settings: LivecellSettings, seed: int) -> pd.DataFrame:
    seen = {date.name: date.seen for date in dates(seed)}
    table, _ = livecell.truth(settings, seed)
    return table.assign(seen=table["date"].map(seen))


def correlation(a, b) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def radius_um(size: int) -> np.ndarray:
    """Distance of each pixel from the middle of the field."""
    line = (np.arange(size) + 0.5) / size * 83.2 - 41.6
    return np.hypot(line[:, None], line[None, :])


@SEEDS
def test_seven_xenografts_of_two_kinds_are_imaged_on_fourteen_dates(seed):
    table = truth(LivecellSettings(), seed)
    kinds = table.groupby("pdx")["outcome"].agg(["nunique", "first"])
    assert len(kinds) == 7
    assert (kinds["nunique"] == 1).all()
    assert kinds["first"].sum() == 3
    several = table.groupby("date")["pdx"].nunique()
    assert dates(seed) != dates(seed + 1)
    assert len(several) == 14
    assert ((several > 1) == table.groupby("date")["seen"].first()).all()
    assert (several == 1).sum() == 5
    assert (table[table["seen"]].groupby("date")["outcome"].nunique() == 2).all()
    names = several.index.to_series()
    assert (pd.to_datetime(names, format="%y%m%d").diff().dropna() > pd.Timedelta(0)).all()


@SEEDS
@pytest.mark.parametrize("cells_seen", [12, 30])
def test_oracle_and_date_tell_the_kind_as_well_as_they_are_meant_to(seed, cells_seen):
    table = truth(LivecellSettings(cells_seen=cells_seen), seed)
    for _, part in table.groupby("seen"):
        for score in ("oracle", "oracle_no_cluster"):
            assert 0.88 <= roc_auc_score(part["outcome"], part[score]) <= 0.92
    seen = table[table["seen"]]
    share = seen.groupby("date")["outcome"].transform("mean")
    assert 0.6 <= roc_auc_score(seen["outcome"], share) <= 0.7


def test_oracle_is_a_calibrated_probability():
    table = truth(LivecellSettings(cells_seen=200, cells_unseen=200), SEED)
    for score, rows in (("oracle", table[table["seen"]]), ("oracle_no_cluster", table)):
        for _, part in rows.groupby(pd.cut(rows[score], [0, 0.2, 0.4, 0.6, 0.8, 1])):
            assert part["outcome"].mean() == pytest.approx(part[score].mean(), abs=0.07)


def test_xenografts_of_a_kind_differ_and_kinds_overlap():
    table = truth(LivecellSettings(cells_seen=100), SEED)
    mean = table.groupby(["outcome", "pdx"])["extension"].mean()
    assert mean[1].max() - mean[1].min() > 0.4
    assert table.loc[table["outcome"] == 0, "extension"].max() > mean[1].max()
    assert table.loc[table["outcome"] == 1, "extension"].min() < mean[0].min()


def test_truth_of_dates_holds_their_appearance_and_shares():
    _, found = livecell.truth(SMALL, SEED)
    wide = found.pivot(index="cluster", columns="quantity", values="value")
    assert wide.index.tolist() == [date.name for date in dates(SEED)]
    assert wide.filter(like="appearance[").notna().all(axis=None)
    level = {date: appearance.level for date, appearance in appearances(SEED).items()}
    assert wide["appearance[level]"].to_dict() == level
    assert len(set(level.values())) == 14
    assert appearances(SEED) != appearances(SEED + 1)
    several = [date.name for date in dates(SEED) if date.seen]
    assert wide.index[wide["prevalence"].notna()].tolist() == several
    assert wide["intercept"].corr(wide["prevalence"], method="spearman") == pytest.approx(1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size": 100}, "size is 100, expected a power of 2 from 32"),
        ({"size": 16}, "size is 16"),
        ({"frames": 0}, "frames is 0, expected a whole number of at least 1"),
    ],
)
def test_bad_setting_is_one_sentence_naming_it(change, words):
    with refused(f"studies.a.data: .*{words}", ConfigError):
        LivecellSettings.from_config(change, where="studies.a.data")


def test_counterfactual_is_the_rendering_of_a_cell_that_was_imaged_on_that_date(monkeypatch):
    """Only the date's appearance is replaced: with those exchanged, frames are exchanged."""
    cell, other = cells(SMALL, SEED)[0], dates(SEED)[-1].name
    assert cell.date != other
    frame = livecell.render(SMALL, SEED, cell.key, 1)
    assert np.array_equal(frame, livecell.render(SMALL, SEED, cell.key, 1, date=cell.date))
    meant = livecell.render(SMALL, SEED, cell.key, 1, date=other)
    assert (frame != meant).mean() > 0.5
    swapped = dict(appearances(SEED))
    swapped[cell.date] = swapped[other]
    monkeypatch.setattr(livecell_frame, "appearances", lambda seed: swapped)
    livecell_frame._surroundings.cache_clear()
    found = livecell.render(SMALL, SEED, cell.key, 1)
    livecell_frame._surroundings.cache_clear()
    assert np.array_equal(meant, found)


def test_without_noise_a_frame_is_what_noise_is_added_to():
    settings, cell = replace(SMALL, size=64), cells(SMALL, SEED)[0]
    clean = livecell.render(settings, SEED, cell.key, 0, noise=False)
    noisy = livecell.render(settings, SEED, cell.key, 0) / 255
    assert clean.dtype == np.float32
    inside = (clean > 0.1) & (clean < 0.9)
    difference = (noisy - clean)[inside]
    assert difference.std() == pytest.approx(appearances(SEED)[cell.date].noise, rel=0.1)
    assert abs(difference.mean()) < 0.002


def test_frames_of_a_cell_are_correlated_and_the_more_so_the_nearer_in_time():
    settings = replace(SMALL, size=64, frames=40)
    date = dates(SEED)[0].name
    paths = [
        [livecell.render(settings, SEED, cell.key, t, date=date, noise=False) for t in (0, 1, 12)]
        for cell in cells(settings, SEED)[::6]
    ]
    pairs = [
        (correlation(own[0], own[1]), correlation(own[0], own[2]), correlation(own[0], other[0]))
        for own, other in zip(paths, paths[1:] + paths[:1], strict=True)
    ]
    near, far, strange = np.mean(pairs, axis=0)
    assert near > 0.9
    assert near > far + 0.05 > strange + 0.1
    assert all(not np.array_equal(own[0], own[1]) for own in paths)


def test_cells_are_phase_objects_with_dark_rim_and_bright_halo():
    """A smooth dome of 3 rad."""
    appearance = replace(
        appearances(SEED)["150304"], gradient_x=0.0, gradient_y=0.0, focus=0.0, blur=0.3
    )
    radius = radius_um(256)
    dome = 3 * np.sqrt(np.maximum(1 - (radius / 13) ** 2, 0))
    grey = expose(dome.astype(np.float32), appearance, 256)
    assert grey[0, 0] == pytest.approx(appearance.level, rel=0.02)
    halo, rim, inside = (
        grey[(radius > r) & (radius < r + 0.5)].mean() / appearance.level for r in (13.5, 11.5, 10)
    )
    assert halo > 1.3 > 1 > inside > rim + 0.05


def test_traits_show_in_the_body():
    grid = grid_of(64)
    radius = radius_um(grid)

    def reach(extension: float) -> float:
        bodies = [draw_body(SEED, number, extension, 0.0, grid) for number in range(10)]
        return np.mean([radius[phase(body, 0, grid) > 0.1].max() for body in bodies])

    assert reach(2.0) > reach(0.0) + 2 > reach(-2.0) + 4
    smooth, grainy = (draw_body(SEED, 3, 0.0, s, grid) for s in (-2.0, 2.0))
    rough = [np.abs(np.diff(phase(b, 0, grid), axis=1)).mean() for b in (smooth, grainy)]
    assert rough[1] > 1.3 * rough[0]


def test_traits_can_be_read_from_frames_but_not_the_kind_without_them():
    """Area beyond a disc and roughness inside, of frames in one appearance, tell the kind in part."""
    settings = replace(SMALL, size=64, cells_seen=8, cells_unseen=4)
    table = traits(settings, SEED)
    around = (radius_um(64) > 16) & (radius_um(64) < 30)
    reach = []
    for key in table["cell"]:
        grey = livecell.render(settings, SEED, key, 0, date="150304", noise=False)
        reach.append(np.abs(grey - np.median(grey))[around].mean())
    assert np.corrcoef(reach, table["extension"])[0, 1] > 0.4
    assert 0.6 < roc_auc_score(table["outcome"], reach) < 0.9


@pytest.mark.parametrize("size", [32, 64, 128, 256])
def test_frame_is_of_its_size_and_shows_a_cell_at_any(size):
    settings = replace(SMALL, size=size)
    frame = livecell.render(settings, SEED, cells(settings, SEED)[1].key, 0)
    assert frame.shape == (size, size)
    assert frame.dtype == np.uint8
    middle = frame[size // 3 : -size // 3, size // 3 : -size // 3]
    assert middle.std() > 2 * frame[: size // 8, : size // 8].std()


def test_unknown_cell_or_date_is_refused():
    with pytest.raises(ConfigError, match="no generated cell 'P105/c9'"):
        livecell.render(SMALL, SEED, "P105/c9", 0)
    with pytest.raises(ConfigError, match=r"no generated date '150305' .did you mean"):
        livecell.render(SMALL, SEED, cells(SMALL, SEED)[0].key, 0, date="150305")


def test_bytes_do_not_depend_on_workers_and_each_frame_is_its_own(tmp_path):
    livecell.write_tree(tmp_path / "one", SMALL, SEED)
    livecell.write_tree(tmp_path / "three", SMALL, SEED, workers=3)
    found = contents(tmp_path / "one")
    assert found == contents(tmp_path / "three")
    folders = [cell_folder(SEED, cell).as_posix() for cell in cells(SMALL, SEED)]
    names = [f"{folder}/{t:04d}.png" for folder in folders for t in range(3)]
    assert sorted(found) == sorted([*names, "README.txt"])
    cell = next(cell for cell in cells(SMALL, SEED) if cell.seen)
    kind = ("low", "high")[traits(SMALL, SEED).loc[cell.number, "outcome"]]
    imaged = next(date.pdx for date in dates(SEED) if date.name == cell.date)
    assert cell.pdx in imaged
    day = f"{cell.date}_{'-'.join(imaged)}"
    with Image.open(tmp_path / "one" / kind / cell.pdx / day / cell.name / "0001.png") as image:
        assert image.mode == "L"
        assert np.array_equal(image, livecell.render(SMALL, SEED, cell.key, 1))


def test_frames_minutes_apart_are_those_of_every_minute(tmp_path):
    livecell.write_tree(tmp_path / "every", SMALL, SEED)
    livecell.write_tree(tmp_path / "second", replace(SMALL, frames=2, minutes=2), SEED)
    every, second = contents(tmp_path / "every"), contents(tmp_path / "second")
    del every["README.txt"], second["README.txt"]
    assert second == {name: every[name] for name in every if not name.endswith("0001.png")}
