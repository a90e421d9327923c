"""A file that was cut off, or of which one bit is another, is never taken for what was written.

What jobs write for each other has checksums that its reader compares, and so have PNG and ``.nii.gz``,
which are read to their end for that. Raw tables in CSV have none.
"""

import gzip

import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from armed.errors import DataError
from armed_study.io.checkpoints import read_state, write_state
from armed_study.io.image_arrays import open_images, save_images
from armed_study.io.tables import read_table, write_table
from armed_study.report.contact_sheets import draw_contact_sheets
from armed_study.studies.ad_mri.scans.volumes import load_volume
from armed_study.studies.livecell.frames import Form, read_frame

# Of 240 damages, how many are noticed at least; the others change nothing that is read.
LEAST = {"images.npy": 240, "splits.parquet": 180}
RNG = np.random.default_rng(3)
SIZE = 24


def write_splits(path):
    rows = {"fold": 0, "sample": [f"s{i:03d}" for i in range(300)], "partition": "train"}
    write_table(pd.DataFrame(rows), path, "splits")


def read_splits(path):
    return read_table(path, "splits").astype(str).to_numpy()


def write_model(path):
    about = dict.fromkeys(("folds", "seeds", "epochs"), np.zeros(2, np.int64))
    write_state({**about, "weight": RNG.random((2, 40), np.float32)}, path)


def read_model(path):
    state = read_state(path)
    return np.concatenate([state[name].ravel() for name in sorted(state)])


def writer_of_png(*shape):
    return lambda path: Image.fromarray(RNG.integers(0, 90, shape, np.uint8)).save(path)


def write_volume(path):
    image = nib.Nifti1Image(RNG.random((SIZE,) * 3, np.float32), np.eye(4))
    path.write_bytes(gzip.compress(image.to_bytes(), mtime=0))


def read_picture(path):
    """The page that shows it."""
    scan = {"sample": path.stem, "site": "S01", "status": "ok", "reason": "", "left_out": ""}
    checks = pd.DataFrame([scan | {"manufacturer": "GE"}])
    page = draw_contact_sheets(checks, [path.parent], title="t", origin="generated")
    return np.frombuffer(page.encode(), np.uint8)


KINDS = {
    "splits.parquet": (write_splits, read_splits),
    "model.safetensors": (write_model, read_model),
    "images.npy": (
        lambda path: save_images(path, RNG.random((3, 1, 8, 8), np.float32)),
        open_images,
    ),
    "00001.png": (
        writer_of_png(SIZE, SIZE),
        lambda path: read_frame(path, Form(SIZE, SIZE, 8), path),
    ),
    "scan.nii.gz": (write_volume, lambda path: load_volume(path).volume.data),
    "sub-0001_ses-01.png": (writer_of_png(SIZE, 2 * SIZE, 3), read_picture),
}


def damages(content):
    """The content cut off at forty places, and with one bit changed at two hundred."""
    for place in RNG.integers(0, len(content), 40):
        yield content[:place]
    for place in RNG.integers(0, len(content), 200):
        changed = bytearray(content)
        changed[place] ^= 1 << RNG.integers(8)
        yield bytes(changed)


def complaint(read, path, good):
    """What a reader says of a damaged file; nothing if it gives what was written."""
    try:
        np.testing.assert_array_equal(read(path), good)
    except DataError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", KINDS)
def test_damaged_file_is_noticed(tmp_path, name):
    write, read = KINDS[name]
    path = tmp_path / name
    write(path)
    good, said = np.array(read(path)), []
    for damaged in damages(path.read_bytes()):
        path.write_bytes(damaged)
        said.append(complaint(read, path, good))
    found = [words for words in said if words]
    # Some places hold nothing that matters, such as a date, a blank, or statistics that nobody reads.
    assert len(found) >= LEAST.get(name, 220)
    if name != "scan.nii.gz":  # scans are named beside, in the table of their checks
        assert [words for words in found if str(path) not in words] == []
