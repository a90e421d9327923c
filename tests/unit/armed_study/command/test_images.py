"""`armed init` and `armed check` of a table whose rows are images."""

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from armed_study.command.main import main

COUNT = 60
ROLES = ("--outcome", "ill", "--cluster", "site")
TITLE = "scans: scans (by site)"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A table of sixty images of three sites, those of the second brighter."""
    rng = np.random.default_rng(0)
    (tmp_path / "scans").mkdir()
    rows = []
    for number in range(COUNT):
        site, ill = number % 3, int(rng.random() < 0.5)
        values = rng.integers(20, 60, (20, 20)) + 60 * (site == 1) + 60 * ill * np.eye(20)
        name = f"scans/{number:02d}.png"
        Image.fromarray(values.astype(np.uint8)).save(tmp_path / name)
        rows.append((name, "ABC"[site], ill, int(rng.integers(20, 90))))
    pd.DataFrame(rows, columns=["scan", "site", "ill", "age"]).to_csv(
        tmp_path / "scans.csv", index=False
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def init(folder, *options):
    status = main(["init", "scans.csv", *(options or ROLES)])
    written = folder / "scans.yaml"
    return status, yaml.safe_load(written.read_text("utf-8")) if written.exists() else None


def test_column_of_images_is_found_and_makes_a_study_of_images(folder, capsys):
    status, config = init(folder)
    study = config["studies"]["scans"]
    assert status == 0
    assert study["kind"] == "images"
    assert study["data"]["file"] == "scan"
    assert study["data"]["images"] == {"size": 16, "scale": "depth"}
    assert study["network"]["kind"] == "slice_cnn"
    assert {"armed", "pca_ridge", "pca_glmm"} <= set(study["models"])
    said = capsys.readouterr().out
    assert "scan: 60 files" in said
    assert "left out    age: a study of images has no other features" in said


def test_what_is_written_is_what_check_reads(folder, capsys):
    init(folder)
    assert main(["check", "scans.yaml"]) == 0
    from_file = capsys.readouterr().out.splitlines()
    assert main(["check", "scans.csv", *ROLES]) == 0
    assert (
        capsys.readouterr().out.splitlines()
        == from_file[-len(from_file) + from_file.index(TITLE) :]
    )
    assert "3 clusters of 20 to 20 samples" in "".join(from_file)


def test_images_that_tell_the_site_are_said_to(folder, capsys):
    init(folder)
    capsys.readouterr()
    main(["check", "scans.yaml"])
    said = capsys.readouterr().out
    told = float(said.split("cross-entropy ")[1].split()[0])
    assert told < 0.8  # 1.10 by their shares alone: B is told from the others
    assert "too good" not in said  # measures of an image are no columns


def test_brightness_that_tells_the_site_is_to_be_scaled_not_left_out(folder, capsys):
    init(folder)
    for number, file in enumerate(sorted((folder / "scans").iterdir())):
        grey = np.asarray(Image.open(file)) // 4 + np.uint8(60 * (number % 3))
        Image.fromarray(grey).save(file)
    capsys.readouterr()
    main(["check", "scans.yaml"])
    said = " ".join(capsys.readouterr().out.split())
    assert "brightness (100%)" in said
    assert "data.images.scale: each" in said


def test_other_features_can_be_asked_for_instead(folder):
    _, config = init(folder, *ROLES, "--features", "age")
    assert config["studies"]["scans"]["kind"] == "table"
    assert config["studies"]["scans"]["data"]["features"] == ["age"]


def test_colour_and_depth_are_found(folder):
    values = np.random.default_rng(1).integers(0, 255, (20, 20, 3)).astype(np.uint8)
    Image.fromarray(values).save(folder / "scans" / "00.png")
    _, config = init(folder)
    assert config["studies"]["scans"]["data"]["images"]["colour"] == "luma"
    for file in (folder / "scans").iterdir():
        grey = np.random.default_rng(2).integers(0, 4095, (70, 70)).astype(np.uint16)
        Image.fromarray(grey).save(file)
    main(["init", "scans.csv", *ROLES, "--force"])
    images = yaml.safe_load((folder / "scans.yaml").read_text("utf-8"))["studies"]["scans"]["data"][
        "images"
    ]
    assert images == {"size": 48, "scale": "each"}


def two_columns(folder):
    table = pd.read_csv(folder / "scans.csv")
    table.assign(mask=table["scan"]).to_csv(folder / "scans.csv", index=False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (two_columns, "name files of images, expected one; say which by --features"),
        (lambda f: (f / "scans" / "07.png").unlink(), "names 1 file of 60 where nothing is ('scans/07.png')"),
        (lambda f: (f / "scans" / "07.png").write_text("x"), "07.png: no image that can be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_studied_is_refused_and_nothing_is_written(folder, capsys, change, said):
    change(folder)
    status, config = init(folder)
    assert (status, config) == (1, None)
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1
