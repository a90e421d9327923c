"""A user's frames, in the layout of the published study, go through from files to tables."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image, ImageDraw

from running import OFFLINE, succeed, tables_of, tiny_config
from small_frames import write_cells

pytestmark = pytest.mark.slow

XENOGRAFTS = {"M1": "high", "M2": "high", "W7": "low", "W8": "low"}
DATES = {
    "190107": ("M1", "W7"),
    "190121": ("M2", "W7", "W8"),
    "190204": ("M1", "W8"),
    "190218": ("M2",),
    "190304": ("W8",),
}
CELLS, FRAMES = 5, 3
LAYOUT = [
    (XENOGRAFTS[pdx], pdx, f"{date}_{'-'.join(imaged)}", [f"{date}c{n}" for n in range(CELLS)])
    for date, imaged in DATES.items()
    for pdx in imaged
]
STUDIES = {"png": (64, 8), "tiff": (96, 16)}  # size in pixels and bits, by ending
SHOWN = (
    "results/tables/png/performance_table.csv",
    "results/tables/png/reconstruction.csv",
    "results/figures/png/dates.svg",
)


def picture(rng, size, bits, kind, date):
    """An ellipse on noise: long if the kind is high, the field as bright as the date says."""
    field = 90 + 20 * list(DATES).index(date[:6])
    image = Image.new("L", (size, size), field)
    long, wide = rng.uniform(0.3, 0.45), rng.uniform(0.1, 0.2) * (1 if kind == "high" else 2)
    middle = size / 2 + rng.normal(0, size / 20, 2)
    box = [*(middle - size * np.array([wide, long])), *(middle + size * np.array([wide, long]))]
    ImageDraw.Draw(image).ellipse(box, fill=field + 60, outline=field - 60, width=size // 16)
    grey = np.clip(np.asarray(image) + rng.normal(0, 8, (size, size)), 0, 255) / 255
    return np.rint(grey * (2**bits - 1)).astype(np.uint8 if bits == 8 else np.uint16)


def configuration():
    """The tiny study of live-cell images on both trees, with two models."""
    config = tiny_config()
    tiny = config["studies"]["tiny_livecell"]
    del tiny["data"]["generated"]
    tiny["models"] = {name: tiny["models"][name] for name in ("armed", "armed_randomized_z")}
    config["studies"] = {}
    for ending in STUDIES:
        own = {"data": tiny["data"] | {"source": {"path": f"mine/{ending}"}}}
        config["studies"][ending] = {**tiny, "family": ending, "title": f"{ending} of mine", **own}
    return config


@pytest.fixture(scope="module")
def folder(made_once):
    """A folder with two trees of frames, in which the workflow has run on both."""

    def make(folder):
        for ending, form in STUDIES.items():
            draw = partial(picture, np.random.default_rng(5), *form)
            write_cells(
                folder / "mine" / ending, cells=LAYOUT, frames=FRAMES, ending=ending, draw=draw
            )
        (folder / "mine.yaml").write_text(yaml.safe_dump(configuration()), encoding="utf-8")
        samples = "results/tiff/samples.parquet"
        here = {"cwd": folder, "configs": [folder / "mine.yaml"], **OFFLINE}
        succeed("--cores", "1", "--", *SHOWN, samples, **here)
        succeed("--report", folder / "report.html", "--", *SHOWN, **here)

    return made_once("users_frames", make)


@pytest.mark.parametrize("study", STUDIES)
def test_every_frame_is_read_and_scaled_to_one(folder, study):
    images = np.load(folder / "results" / study / "images.npy").astype(float)
    cells = CELLS * sum(map(len, DATES.values()))
    seen = CELLS * sum(len(imaged) for imaged in DATES.values() if len(imaged) > 1)
    assert len(images) == FRAMES * seen + (FRAMES + 1) // 2 * (cells - seen)  # thinned on others
    assert images.shape[1:] == (1, 32, 32)
    white = 255 if study == "png" else 1
    samples = pd.read_parquet(folder / "results" / study / "samples.parquet")
    means = pd.Series(images.mean((1, 2, 3)) / white).groupby(samples["cluster"].astype(str)).mean()
    assert means.index.tolist() == sorted(DATES)
    assert means.is_monotonic_increasing
    assert 0.3 < means.min() < means.max() < 0.8


def test_models_are_judged_without_a_truth(folder):
    tables = tables_of(folder)
    found = pd.read_csv(folder / "results/tables/png/summary.csv")
    assert set(found["model"]) == {"armed", "armed_randomized_z"}
    assert set(found["partition"]) >= {"test", "unseen"}
    assert not any("counterfactuals" in name for name in tables)
    assert not (folder / "results" / "png" / "rendered.npy").exists()
    assert not (folder / "results" / "png" / "raw").exists()


def test_reconstructions_are_scored(folder):
    errors = pd.read_csv(folder / "results/tables/png/reconstruction.csv")
    assert set(errors["metric"]) == {"auroc", "mse", "ssim"}
    assert errors["mean"].notna().all()


def test_report_says_whose_data_they_are(folder):
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "results/figures/png/dates.svg" in text
    assert "Data: real data: the user" in text
    assert "mine/png" in text
    assert "generated phase-contrast" not in text
    assert "truly looks on that date" not in text  # is said where the truth is known
