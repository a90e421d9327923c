"""From a table that lists images to a data set: each sample has its image, however they are dealt."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from armed.errors import ArmedWarning, DataError
from armed_study.command.clusters.images import with_measures
from armed_study.data.batches import Batches
from armed_study.studies import images as kind
from armed_study.studies.images.batch import prepare_part
from armed_study.studies.images.listing import list_images
from armed_study.studies.images.prepare import prepare

COUNT = 12


def data(folder, **changes):
    return {
        "source": {"path": str(folder / "list.csv")}, "outcome": {"column": "ill"}, "cluster": "site",
        "sample": "id", "file": "file", "images": {"size": 8, "scale": "depth"}, **changes,
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """A table of a dozen images, the grey value of each is 10 times its number."""
    (tmp_path / "pictures").mkdir()
    for number in range(COUNT):
        grey = np.full((8, 8), 10 * number, np.uint8)
        Image.fromarray(grey).save(tmp_path / "pictures" / f"{number}.png")
    write(tmp_path, table())
    return tmp_path


def table(**changes):
    numbers = np.arange(COUNT)
    columns = {
        "id": [f"s{n:02d}" for n in numbers],
        "file": [f"pictures/{n}.png" for n in numbers],
        "site": np.where(numbers % 2, "A", "B"),
        "ill": (numbers // 2) % 2,
    }
    return pd.DataFrame({**columns, **changes})


def write(folder, frame):
    frame.to_csv(folder / "list.csv", index=False)


def made(folder, parts=2, **changes):
    settings, source = data(folder, **changes), folder / "list.csv"
    made = []
    for part in range(1, parts + 1):
        out = folder / f"part{parts}-{part}"
        out.mkdir()
        prepare_part(settings, source, f"{part}-of-{parts}", out)
        made.append((out / "images.npy", out / "pictures.parquet"))
    images = folder / f"images{parts}.npy"
    return prepare(Batches("trial", settings, source, "pictures", made, [], images))


def test_every_sample_has_its_image_whatever_the_parts_and_the_order_of_rows(folder):
    prepared, pictures = made(folder)
    dataset = prepared.dataset
    assert list(dataset.samples["sample"]) == [f"s{n:02d}" for n in range(COUNT)]
    np.testing.assert_allclose(dataset.images[:, 0, 4, 4], 10 * np.arange(COUNT) / 255, atol=1e-6)
    write(folder, table().sample(frac=1, random_state=0))
    again = made(folder, parts=3)[0].dataset
    assert again.samples.equals(dataset.samples)
    np.testing.assert_array_equal(again.images, dataset.images)
    assert list(pictures["file"]) == [f"pictures/{n}.png" for n in range(COUNT)]


def test_a_part_asks_for_the_files_that_it_reads(folder):
    files = [kind.part_files(data(folder), f"{part}-of-2") for part in (1, 2)]
    assert set(files[0]).isdisjoint(files[1])
    assert {*files[0], *files[1]} == {str(p) for p in (folder / "pictures").iterdir()}
    before = kind.part_state(data(folder), "1-of-2")
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(files[0][0])
    assert kind.part_state(data(folder), "1-of-2") != before


def test_names_that_differ_in_capitals_are_different_files(folder):
    for name in ("x.png", "X.png"):
        Image.fromarray(np.zeros((8, 8), np.uint8)).save(folder / name)
    write(folder, table(file=["x.png", "X.png", *table()["file"][2:]]))
    assert list(list_images("trial", data(folder)).files["file"][:2]) == ["x.png", "X.png"]


def test_absolute_names_are_found_from_any_folder(folder, tmp_path_factory):
    write(folder, table(file=[str(folder / "pictures" / f"{n}.png") for n in range(COUNT)]))
    assert len(list_images("trial", data(folder)).files) == COUNT


def test_images_of_other_shapes_are_told_of(folder):
    Image.fromarray(np.zeros((4, 8), np.uint8)).save(folder / "pictures" / "3.png")
    with pytest.warns(ArmedWarning, match="images have 2 shapes"):
        made(folder)


def test_outcome_of_any_kind_is_that_of_the_table(folder):
    write(folder, table(ill=np.linspace(0.5, 3, COUNT)))
    dataset = made(folder, outcome={"column": "ill", "kind": "continuous"})[0].dataset
    assert dataset.outcome.kind == "continuous"
    np.testing.assert_allclose(dataset.samples["outcome"], np.linspace(0.5, 3, COUNT), rtol=1e-6)


def test_measures_tell_sites_whose_images_are_brighter(folder):
    dataset = with_measures("trial", data(folder), folder / "list.csv")
    bright = dataset.samples["brightness"]
    np.testing.assert_allclose(bright, 10 * np.arange(COUNT) / 255, atol=1e-6)
    along = np.corrcoef(bright, dataset.samples["component 1"])[0, 1]
    assert abs(along) == pytest.approx(1)


def lost(folder):
    for number in (2, 5):
        (folder / "pictures" / f"{number}.png").unlink()


def linked(folder):
    (folder / "pictures" / "2.png").unlink()
    (folder / "pictures" / "2.png").symlink_to("1.png")


def looped(folder):
    (folder / "pictures" / "2.png").unlink()
    (folder / "pictures" / "2.png").symlink_to("2.png")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lost, "names 2 files of 12 where nothing is .*pictures/2.png.*pictures/5.png"),
        (linked, "names one image twice"),
        (looped, "2.png: cannot be reached"),
        (lambda f: write(f, table(file=["pictures", *table()["file"][1:]])), "a folder, expected a file"),
        (lambda f: write(f, table(file=["pictures/1.png", *table()["file"][1:]])), "one image twice"),
        (lambda f: (f / "list.csv").unlink(), "list.csv: no such file"),
        (lambda f: (f / "list.csv").write_bytes(b""), "empty, expected a table"),
        (lambda f: (f / "list.csv").write_bytes(b"id,file\n1,\xff\n"), "row 2 holds the byte 0xFF"),
        (lambda f: write(f, table().rename(columns={"file": "fiel"})), "no column 'file'.*'fiel'"),
    ],
    ids=["lost", "linked", "looped", "folder", "twice", "no table", "empty", "no text", "no column"],
)  # fmt: skip
def test_what_cannot_be_studied_is_refused_before_anything_runs(folder, change, said):
    change(folder)
    with pytest.raises(DataError, match=said):
        kind.part_files(data(folder), "1-of-2")


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"file": [None, *table()["file"][1:]]}, "missing"), ({"site": "A"}, "cluster")],
)
def test_what_only_the_preparation_sees_is_refused_by_it(folder, changed, said):
    write(folder, table(**changed))
    with pytest.raises(DataError, match=said):
        list_images("trial", data(folder))


def test_planning_reads_the_table_as_the_preparation_does(folder):
    composed = "pictures/caf\u00e9.png"
    (folder / "pictures" / "0.png").rename(folder / composed)
    names = ["pictures/cafe\u0301.png ", *table()["file"][1:]]  # decomposed, and a blank behind it
    table(file=names).to_csv(folder / "list.csv", index=False, sep=";", encoding="utf-16")
    settings = data(folder, source={"path": str(folder / "list.csv"), "separator": ";"})
    planned = [kind.part_files(settings, f"{part}-of-2") for part in (1, 2)]
    read = [list_images("trial", settings).of_part(f"{part}-of-2")["path"] for part in (1, 2)]
    assert [set(files) for files in planned] == [set(map(str, paths)) for paths in read]
    assert str(folder / composed) in {*planned[0], *planned[1]}
