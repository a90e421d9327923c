import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from armed.errors import DataError
from armed_study.data.dataset import ClusteredDataset, Feature
from armed_study.io.image_arrays import open_images, save_images
from small_samples import samples_of


def images(count=8, kind=np.float32):
    return (np.random.default_rng(1).random((count, 1, 6, 6)) * 200).astype(kind)


def dataset(folder, array, features=()):
    frame = samples_of("aaaabbbb", [0, 1, 0, 1, 0, 1, 1, 0])
    save_images(folder / "images.npy", array)
    return ClusteredDataset("demo", frame, features, "generated", True, folder / "images.npy")


@pytest.mark.parametrize("kind", [np.float32, np.uint8])
def test_images_are_saved_and_loaded_beside_the_samples(tmp_path, kind):
    made = dataset(tmp_path, images(kind=kind))
    made.validate()
    made.save(tmp_path / "samples.parquet")
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("samples.parquet", "images.npy"):
        (tmp_path / name).rename(moved / name)
    back = ClusteredDataset.load(moved / "samples.parquet")
    back.validate()
    assert back.features == ()
    assert isinstance(back.images, np.memmap)
    assert not back.images.flags.writeable
    np.testing.assert_array_equal(back.images, images(kind=kind))


def test_images_are_not_opened_before_they_are_asked_for(tmp_path):
    dataset(tmp_path, images()).save(tmp_path / "samples.parquet")
    (tmp_path / "images.npy").unlink()
    back = ClusteredDataset.load(tmp_path / "samples.parquet")
    with pytest.raises(DataError, match=r"images\.npy: found no whole array of images"):
        _ = back.images


def test_images_elsewhere_than_the_samples_are_refused(tmp_path):
    made = dataset(tmp_path, images())
    (tmp_path / "other").mkdir()
    with pytest.raises(DataError, match="expected them in the same folder as the samples"):
        made.save(tmp_path / "other" / "samples.parquet")


def with_nan():
    array = images()
    array[5, 0, 2, 2] = np.nan
    return array


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (images(7), "7 images of 8 samples, expected one of each"),
        (images()[:, 0], r"shape \(8, 6, 6\), expected \(samples, channels, size, size\)"),
        (images()[:, :, :5], r"shape \(8, 1, 5, 6\), expected"),
        (images().astype(np.float64), "images are float64, expected float32 or uint8"),
        (images().astype(np.int16), "images are int16"),
        (with_nan(), "image 6 of 8 holds values that are not finite"),
    ],
)
def test_what_is_wrong_with_images_is_said(tmp_path, array, message):
    with pytest.raises(DataError, match=f"study 'demo': .*{message}"):
        dataset(tmp_path, array).validate()


def test_images_beside_features_are_refused(tmp_path):
    made = dataset(tmp_path, images(), features=(Feature("x", "continuous"),))
    with pytest.raises(DataError, match="images and 1 feature, expected either"):
        replace(made, samples=made.samples.assign(x=np.arange(8.0))).validate()


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY"])
def test_a_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "images.npy"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"images\.npy: found no whole array of images"):
        open_images(path)


def test_a_disk_that_fills_up_leaves_no_half_written_images(tmp_path):
    """The system refuses to let the file grow, as a full disk would."""
    code = (
        "import resource, sys, numpy as np\n"
        "from armed_study.io.image_arrays import write_images\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))\n"
        "rows = (np.ones((1, 48, 48), np.float32) for _ in range(9))\n"
        "write_images(sys.argv[1], rows, count=9, shape=(1, 48, 48), dtype='float32')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "images.npy"], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, check=False,
    )  # fmt: skip
    assert "File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []
