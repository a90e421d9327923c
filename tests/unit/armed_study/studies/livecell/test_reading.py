"""A tree of frames from anywhere, in the layout of the published study, is read or refused in a sentence."""

import os
import shutil
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from armed.errors import ConfigError
from armed_study import studies
from armed_study.data.batches import Batches
from armed_study.io.tables import cast_table, read_table
from armed_study.splits.make_splits import make_splits
from armed_study.studies.livecell.batch import prepare_part
from armed_study.studies.livecell.frames import form_of, read_frame
from armed_study.studies.livecell.prepare import prepare, simulate
from refusals import refused
from small_frames import SIZE, pixels, write_cells, write_frame, write_tiff

DATA = {
    "source": {"path": "tree"},
    "seen_dates": "auto",
    "cell_names": "unique",
    "images": {"size": SIZE},
    "frame_stride": {"seen": 2, "unseen": 4},
}


def batches(root, out, data=DATA, parts=2):
    for number in range(1, parts + 1):
        prepare_part(data, root, f"{number}-of-{parts}", out / str(number))
    return [(out / f"{n}/images.npy", out / f"{n}/frames.parquet") for n in range(1, parts + 1)]


def made(root, parts=2, **changes):
    out = root.parent / f"out{parts}"
    data = DATA | changes
    found = batches(root, out, data, parts)
    return prepare(Batches("demo", data, root, "frames", found, [], out / "images.npy"))


@pytest.fixture
def root(tmp_path):
    return tmp_path / "tree"


# --- what is read ----------------------------------------------------------------------------


def test_samples_are_frames_with_date_cell_kind_and_image(root):
    files = write_cells(root)
    prepared, frames = made(root)
    prepared.dataset.validate()
    samples = prepared.dataset.samples
    assert samples["sample"].tolist()[:4] == [
        "A1/160101/a1/00001", "A1/160101/a1/00003", "A1/160101/a1/00005", "A1/160101/a2/00001"
    ]  # fmt: skip
    assert samples["sample"].is_monotonic_increasing
    assert samples.groupby("cluster")["held_out"].first().to_dict() == {
        "160101": False, "160102": True, "160203": False
    }  # fmt: skip
    assert samples.groupby("stratum")["outcome"].unique().map(list).to_dict() == {
        "PDX A1": [1], "PDX B1": [0], "PDX B2": [0]
    }  # fmt: skip
    assert samples["group"].nunique() == 12
    assert frames["sample"].tolist() == samples["sample"].tolist()
    assert len(cast_table(frames, "frames")) == len(samples)
    number = {path.relative_to(root).as_posix(): i for i, path in enumerate(files)}
    for image, file in zip(prepared.dataset.images, frames["file"], strict=True):
        np.testing.assert_array_equal(image[0], pixels(number[file]))


def test_frames_are_thinned_less_on_seen_than_on_unseen_dates(root):
    write_cells(root, frames=11)
    prepared, frames = made(root)
    taken = frames.astype({"cell": str}).groupby("cell")["frame"].apply(list)
    assert taken["A1/a1"] == [1, 3, 5, 7, 9, 11]  # by number, not by name
    assert taken["A1/a6"] == [1, 5, 9]
    flow = prepared.flow.set_index(["stage", "reason"])["count"]
    assert flow.to_dict() == {
        ("frames found", ""): 12 * 11,
        ("frames taken", ""): 11 * 6 + 3,
        ("frames taken", "between those taken"): 12 * 11 - 69,
        ("seen dates", ""): 66,
        ("unseen dates", ""): 3,
    }


def test_data_set_does_not_depend_on_the_batches_of_which_some_may_be_empty(root):
    write_cells(root)
    one, *others = (made(root, parts) for parts in (1, 3, 40))
    for other in others:
        pd.testing.assert_frame_equal(one[0].dataset.samples, other[0].dataset.samples)
        pd.testing.assert_frame_equal(one[1], other[1])
        one_file, other_file = (x[0].dataset.images_file for x in (one, other))
        assert one_file.read_bytes() == other_file.read_bytes()
    sizes = [len(np.load(file)) for file in root.parent.glob("out40/*/images.npy")]
    assert len(sizes) == 40
    assert 0 in sizes


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_sixteen_bits_become_numbers_from_0_to_1(root, ending):
    write_cells(root, bits=16, ending=ending)
    images = made(root)[0].dataset.images
    assert images.dtype == np.float32
    np.testing.assert_allclose(images[0, 0], pixels(0, bits=16) / 65535, rtol=1e-6)
    images = made(root, 1, images={"size": SIZE, "white_level": 4095})[0].dataset.images
    np.testing.assert_allclose(images[0, 0], np.minimum(pixels(0, bits=16) / 4095, 1), rtol=1e-6)


def test_eight_bits_stay_eight_bits_in_tiff_and_in_grey_colour(root):
    write_cells(root, ending="tiff")
    for path in list(root.rglob("frame_1.tiff")):
        write_frame(path.with_suffix(".png"), np.stack([np.asarray(Image.open(path))] * 3, axis=2))
        path.unlink()
    images = made(root)[0].dataset.images
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images[0, 0], pixels(0))


EIGHT, SIXTEEN = pixels(0), pixels(0, bits=16)
TWELVE = SIXTEEN >> 4
PACKED = bytes(byte for a, b in TWELVE.reshape(-1, 2).tolist()
               for byte in (a >> 4, (a & 15) << 4 | b >> 8, b & 255))  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "tags", "meant", "bits"),
    [
        (EIGHT, {}, EIGHT, 8),
        (255 - EIGHT, {"t262": 0}, EIGHT, 8),
        (65535 - SIXTEEN, {"t262": 0}, SIXTEEN, 16),
        (EIGHT, {"t274": 6}, np.rot90(EIGHT, -1), 8),
        (SIXTEEN, {"t274": 3}, SIXTEEN[::-1, ::-1], 16),
        (TWELVE, {"t258": 12, "data": PACKED}, TWELVE, 12),
    ],
    ids=["plain", "0 is white", "0 is white, 16 bits", "turned", "turned, 16 bits", "12 bits"],
)
def test_tags_that_say_how_pixels_are_meant_are_heeded(tmp_path, stored, tags, meant, bits):
    path = tmp_path / "x.tif"
    write_tiff(path, stored, **tags)
    form = form_of(path)
    assert form.bits == bits
    np.testing.assert_array_equal(read_frame(path, form, path), meant)


@pytest.mark.parametrize("values", [EIGHT, SIXTEEN], ids=["8 bits", "16 bits"])
def test_a_png_that_says_how_it_is_turned_is_upright(tmp_path, values):
    path, turned = tmp_path / "x.png", Image.Exif()
    turned[274] = 6
    Image.fromarray(values).save(path, exif=turned)
    np.testing.assert_array_equal(read_frame(path, form_of(path), path), np.rot90(values, -1))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
def test_grey_in_channels_or_a_palette_is_grey(tmp_path, mode):
    for path in (tmp_path / "x.png", tmp_path / "x.tif"):
        Image.fromarray(EIGHT).convert(mode).save(path)
        np.testing.assert_array_equal(read_frame(path, form_of(path), path), EIGHT)


def test_a_white_level_of_frames_in_which_0_is_white_is_refused(root, tmp_path):
    write_cells(root, ending="tif")
    for path in root.rglob("*.tif"):
        write_tiff(path, EIGHT, t262=0)
    data = DATA | {"images": {"size": SIZE, "white_level": 200}}
    with refused("white_level is 200, but in .*frame_1.tif 0 is white", ConfigError):
        batches(root, tmp_path / "out", data)


def test_large_frames_are_averaged_over_boxes(root):
    write_cells(root, size=3 * SIZE)
    images = made(root)[0].dataset.images
    assert images.shape[1:] == (1, SIZE, SIZE)
    boxes = pixels(0, 3 * SIZE).reshape(SIZE, 3, SIZE, 3).mean(axis=(1, 3))
    assert np.abs(images[0, 0] - boxes).max() <= 0.5


def test_a_date_of_one_pdx_is_unseen_and_named_dates_are_seen(root):
    write_cells(root)
    named = made(root, 1, seen_dates=["160101", "160102"])[0].dataset.samples
    assert set(named.loc[~named["held_out"], "cluster"]) == {"160101", "160102"}


def test_cells_may_be_named_again_on_each_date_if_that_is_said(root):
    write_cells(root)
    shutil.copytree(root / "high/A1/160101_A1-B1/a1", root / "high/A1/160203_A1-B1-B2/a1")
    samples = made(root, cell_names="by_date")[0].dataset.samples
    groups = set(samples["group"])
    assert {"A1/160101/a1", "A1/160203/a1"} <= groups
    assert len(groups) == 13


def test_a_folder_that_cannot_be_listed_is_refused(root, tmp_path, monkeypatch):
    write_cells(root)
    listed = Path.iterdir

    def forbid(folder):
        if folder.name == "b1":
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", forbid)
    with refused("b1: cannot be listed .Permission denied"):
        batches(root, tmp_path / "out")


def test_endings_in_capitals_and_links_out_of_the_tree_are_frames(root, tmp_path):
    for path in write_cells(root):
        path.rename(path.with_suffix(".PNG"))
    outside = shutil.move(root / DATE / "b1", tmp_path / "elsewhere")
    (root / DATE / "b1").symlink_to(outside)
    images = made(root)[0].dataset.images
    assert len(images) == 11 * 3 + 2
    np.testing.assert_array_equal(images[0, 0], pixels(0))


def test_other_files_and_hidden_ones_are_ignored(root):
    write_cells(root)
    for path in ("README.txt", ".git/x", "high/A1/notes.txt", "high/A1/160102_A1/a6/Thumbs.db",
                 "high/A1/160102_A1/a6/._frame_1.png", "high/.cache/x",
                 "high/A1/160102_A1/@eaDir/x", "high/A1/160102_A1/a6/desktop.ini",
                 "high/A1/160102_A1/__MACOSX/x", "high/A1/160102_A1/a6/.ipynb_checkpoints/1.png",
                 "high/A1/160102_A1/a6/~$frame_1.png", "__MACOSX/x"):  # fmt: skip
        (root / path).parent.mkdir(exist_ok=True, parents=True)
        (root / path).write_text("")
    assert len(made(root)[1]) == 11 * 3 + 2


def test_memory_does_not_grow_with_the_number_of_frames(tmp_path):
    peaks = []
    for frames in (5, 40):
        root = tmp_path / f"tree{frames}"
        write_cells(root, frames=frames, size=64)
        data = DATA | {"images": {"size": 64}, "frame_stride": {"seen": 1, "unseen": 1}}
        prepare_part(data, root, "1-of-1", tmp_path / "warm")
        tracemalloc.start()
        prepare_part(data, root, "1-of-1", tmp_path / f"out{frames}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 0.25 * (12 * 35 * 64 * 64)  # of what the further frames hold


# --- what is refused -------------------------------------------------------------------------


DATE, OTHER = "low/B1/160101_A1-B1", "high/A1/160101_A1-B1"
THIRD = f"{DATE}/b1/frame_3.png"


def rewritten(**image):
    """Write the third frame of a cell again, otherwise."""
    return lambda root: write_frame(root / THIRD, pixels(0, **image))


def as_tiff(values, **more):
    """Write it as TIFF instead, by the library or with tags by hand."""

    def spoil(root):
        path = (root / THIRD).with_suffix(".tif")
        (root / THIRD).unlink()
        if "save_all" in more:
            Image.fromarray(values).save(path, **more)
        else:
            write_tiff(path, values, **more)

    return spoil


def saved(image, **more):
    return lambda root: image.save(root / THIRD, **more)


COLOUR = np.stack([pixels(number) for number in range(3)], axis=2)


def renamed(old, new):
    return lambda root: (root / old).rename(root / new)


def copied(old, new):
    return lambda root: shutil.copytree(root / old, root / new)


def without(*patterns):
    return lambda root: [shutil.rmtree(p) for pattern in patterns for p in [*root.rglob(pattern)]]


def linked(path, target):
    return lambda root: (root / path).symlink_to(target)


def pointer(root):
    (root / THIRD).unlink()
    (root / THIRD).symlink_to(".git/annex/objects/x")


def pipe(root):
    (root / THIRD).unlink()
    os.mkfifo(root / THIRD)


def cut_tiff(root):
    as_tiff(pixels(0))(root)
    path = (root / THIRD).with_suffix(".tif")
    os.truncate(path, path.stat().st_size - 100)


def with_frame(name):
    return lambda root: write_frame(root / f"{DATE}/b1/{name}", pixels(0))


PAGES = {"save_all": True, "append_images": [Image.fromarray(pixels(1))]}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda root: os.truncate(root / THIRD, 300),
         r"frame_3\.png: damaged or incomplete \(.+\), expected a whole image"),
        (lambda root: os.truncate(root / THIRD, 0), r"frame_3\.png: empty .0 bytes., expected an image"),
        (pointer, r"frame_3\.png: a pointer of git-annex"),
        (pipe, r"frame_3\.png: a pipe, socket or device"),
        (linked("high/A1/160101_A1-B1/a9", "a1"),
         "160101_A1-B1/a9 is the same folder as .*/a1, expected one folder for each cell"),
        (linked("high/A1/160203_A1-B1-B2/a9", "nowhere"), "a9: a link to nowhere"),
        (linked("high/A1/160203_A1-B1-B2/a9", "a9"), "a9: cannot be reached .Too many levels"),
        (as_tiff(pixels(0, bits=16), t339=3), "TIFF that is incomplete or of another kind than is read"),
        (cut_tiff, r"frame_3\.tif: damaged or incomplete"),
        (lambda root: (root / THIRD).write_text("hello"), r"frame_3\.png: no image that can be read"),
        (rewritten(size=SIZE + 1), "33 x 33 pixels of 8 bits, expected 32 x 32 .* 8 bits as .*frame_1"),
        (rewritten(bits=16), "has 32 x 32 pixels of 16 bits, expected 32 x 32 pixels of 8 bits"),
        (lambda root: write_frame(root / THIRD, COLOUR),
         r"frame_3\.png: is in colour or partly transparent, expected shades of grey"),
        (as_tiff(pixels(0).astype(np.float32), t339=3), "kind 'decimal numbers', expected 8 or 16 bits"),
        (as_tiff(pixels(0).view(np.int8), t339=2), "has pixels of kind 'signed numbers'"),
        (as_tiff(pixels(0, bits=16).view(np.int16), t339=2), "has pixels of kind '32 bits, or signed"),
        (as_tiff(255 - pixels(0), t262=0), "8 bits in which 0 is white, expected 32 x 32 .* 8 bits as"),
        (as_tiff(COLOUR[..., :2].copy(), t277=2, t338=0), "several channels of 16 bits, or some without a"),
        (as_tiff(COLOUR.astype(np.uint16), t277=3, t262=2), "has several channels of 16 bits"),
        (saved(Image.fromarray(pixels(0) > 127)), "has pixels of kind '1 bit'"),
        (saved(Image.fromarray(pixels(0)), transparency=int(pixels(0)[0, 0])), "partly transparent"),
        (saved(Image.fromarray(pixels(0)), format="JPEG"), "no image that can be read"),
        (as_tiff(pixels(0), **PAGES), "holds 2 images, expected one a file"),
        (lambda root: (root / DATE / "b9").mkdir(), "b9: holds no frame, expected PNG or TIFF"),
        (renamed(DATE, "low/B1/161301_A1-B1"), "161301_A1-B1: the name is not <date>_<pdxs>"),
        (renamed(DATE, "low/B1/first_A1-B1"), "first_A1-B1: the name is not <date>_<pdxs>"),
        (renamed("high", "hihg"), "holds the folder 'hihg', expected only high and low"),
        (without("high"), "holds no cell in high/"),
        (lambda root: shutil.rmtree(root), "no such folder, expected high and low"),
        (without("160203*", "160102*"), "1 of the dates '160101' are seen .*, expected at least 2"),
        (copied(f"{OTHER}/a1", "high/A1/160203_A1-B1-B2/a1"),
         "cell a1 is in high/A1/160101_A1-B1 and high/A1/160203_A1-B1-B2, expected one folder"),
        (copied(f"{OTHER}/a1", "high/A1/160101_late/a1"),
         "cell a1 is in high/A1/160101_A1-B1 and high/A1/160101_late, expected one"),
        (copied("high/A1", "low/A1"), "PDX A1 is both in high and in low"),
        (with_frame("first.png"), r"first\.png: the name has no number"),
        (with_frame("frame_03.png"), r"frame_3\.png: is frame 3 as frame_03\.png is"),
    ],
    ids=range(35),
)  # fmt: skip
def test_a_bad_tree_is_refused_in_one_sentence(root, tmp_path, spoil, words):
    write_cells(root)
    spoil(root)
    with refused(words):
        batches(root, tmp_path / "out")
    assert not list((tmp_path / "out").rglob(".*.part"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"images": {"size": 24}}, "has 32 x 32 pixels, expected a square of 24 or a multiple"),
        ({"images": {"size": SIZE, "white_level": 4095}}, "white_level is 4095, expected 1 to 255"),
        ({"seen_dates": ["160101", "160104"]}, "data.seen_dates names '160104', on which"),
    ],
)
def test_a_bad_setting_is_refused_in_one_sentence(root, change, words):
    write_cells(root)
    with refused(words, ConfigError):
        made(root, **change)


# --- with the workflow -----------------------------------------------------------------------


def test_kind_lists_the_users_cells_by_batch(root):
    write_cells(root)
    kind, data = studies.load("livecell"), DATA | {"source": {"path": str(root)}}
    parts = [set(kind.part_files(data, f"{i}-of-3")) for i in (1, 2, 3)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 12
    write_frame(root / "high/A1/160101_A1-B1/a9/1.png", pixels(0))
    again = [set(kind.part_files(data, f"{i}-of-3")) for i in (1, 2, 3)]
    assert sum(old != new for old, new in zip(parts, again, strict=True)) == 1


def test_splits_keep_cells_whole_and_unseen_dates_out(root):
    write_cells(root)
    prepared, _ = made(root)
    splits = make_splits(prepared.dataset, folds=2, test=0.4, validation=0.0,
                         unseen={"scheme": "held_out"}, small_strata="merge", seed=1)  # fmt: skip
    joined = splits.astype({"sample": str}).merge(prepared.dataset.samples, on="sample")
    assert (joined.groupby(["fold", "group"])["partition"].nunique() == 1).all()
    assert set(joined.loc[joined["partition"] == "unseen", "cluster"]) == {"160102"}


def test_generated_tree_is_read_with_the_truth_of_its_frames(tmp_path):
    sizes = {"size": 32, "cells_seen": 2, "cells_unseen": 2, "frames": 3}
    data = DATA | {"source": "generated", "generated": sizes}
    simulate(data, 3, tmp_path, 1)
    tree, out = tmp_path / "tree", tmp_path / "out"
    truth = [tmp_path / "truth_cells.csv", tmp_path / "truth_dates.csv"]
    found = batches(tree, out, data)
    prepared, _ = prepare(Batches("demo", data, tree, "frames", found, truth, out / "images.npy"))
    prepared.dataset.validate()
    samples = prepared.dataset.samples
    assert samples["held_out"].sum() == 5 * 2 * 1
    assert len(samples) == 26 * 2 * 2 + 10
    assert prepared.truth["sample"].tolist() == samples["sample"].tolist()
    known = pd.read_csv(truth[0]).set_index("cell").loc[samples["group"]]
    assert prepared.truth["oracle"].tolist() == known["oracle"].tolist()
    assert samples["outcome"].tolist() == known["outcome"].tolist()
    assert set(prepared.cluster_truth["cluster"]) == set(samples["cluster"])
    for name in ("truth", "cluster_truth", "flow"):
        cast_table(getattr(prepared, name), name)
    assert read_table(out / "1/frames.parquet", "frames")["found"].eq(3).all()
