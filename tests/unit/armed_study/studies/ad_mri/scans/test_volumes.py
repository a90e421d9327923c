import os
import struct

import nibabel as nib
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from armed.errors import DataError
from armed_study.studies.ad_mri.scans.volumes import Volume, load_volume, resample
from small_heads import write

AFFINE = np.array([[2.0, 0, 0, -30], [0, 2, 0, -50], [0, 0, 2, -20], [0, 0, 0, 1]])


@pytest.fixture
def data():
    return np.random.default_rng(0).uniform(1, 100, (24, 30, 20)).astype(np.float32)


def refused(path):
    with pytest.raises(DataError) as caught:
        load_volume(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("axes", ["RAS", "LAS", "LPS", "PIR", "ASL"])
def test_the_order_of_axes_on_disk_does_not_matter(tmp_path, data, axes):
    image = nib.Nifti1Image(data, AFFINE)
    turn = nib.orientations.ornt_transform(
        nib.io_orientation(AFFINE), nib.orientations.axcodes2ornt(axes)
    )
    stored = image.as_reoriented(turn)
    path = write(tmp_path / "x.nii.gz", np.asarray(stored.dataobj), stored.affine)
    volume = load_volume(path).volume
    np.testing.assert_array_equal(volume.data, data)
    np.testing.assert_allclose(volume.affine, AFFINE)


def test_integers_with_a_scale_and_a_trailing_dimension_are_read(tmp_path, data):
    image = nib.Nifti1Image(data[..., None].astype(np.int16), AFFINE)
    image.header.set_slope_inter(0.5, 10)
    nib.save(image, tmp_path / "x.nii.gz")
    volume = load_volume(tmp_path / "x.nii.gz").volume
    assert volume.data.shape == data.shape
    assert volume.data.dtype == np.float32
    np.testing.assert_allclose(volume.data, 0.5 * data.astype(np.int16) + 10)


@pytest.mark.parametrize("slope", [np.nan, 0])
@pytest.mark.parametrize("kind", ["<i2", ">i2", "u1"])
def test_a_scale_that_says_nothing_leaves_values_as_they_are(tmp_path, data, kind, slope):
    order = kind[0].replace("u", "<")
    path, header = tmp_path / "x.nii", nib.Nifti1Header(endianness=order)
    header.set_data_dtype(kind)
    nib.Nifti1Image(data.astype(kind), AFFINE, header).to_filename(path)
    raw = bytearray(path.read_bytes())
    raw[112:120] = np.full(2, slope, f"{order}f4").tobytes()
    path.write_bytes(raw)
    np.testing.assert_array_equal(load_volume(path).volume.data, data.astype(kind))


def test_voxels_without_a_number_become_zero_and_are_counted(tmp_path, data):
    data[3, 4, 5], data[3, 4, 6], data[0, 0, 0] = np.nan, np.inf, -np.inf
    loaded = load_volume(write(tmp_path / "x.nii.gz", data, AFFINE))
    assert loaded.missing.sum() == 3
    assert loaded.volume.data[3, 4, 5] == loaded.volume.data[3, 4, 6] == 0
    assert np.isfinite(loaded.volume.data).all()
    data[9, 9, 9] = -7
    loaded = load_volume(write(tmp_path / "y.nii.gz", data, AFFINE))
    assert loaded.volume.data[3, 4, 5] == loaded.volume.data.min() == -7


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_a_truncated_file_is_refused(tmp_path, data, share):
    whole = write(tmp_path / "x.nii.gz", data, AFFINE).read_bytes()
    (tmp_path / "y.nii.gz").write_bytes(whole[: int(share * len(whole))])
    assert "truncated or damaged" in refused(tmp_path / "y.nii.gz")


def test_what_is_no_volume_is_refused(tmp_path, data):
    path = tmp_path / "x.nii.gz"
    assert refused(path) == "no such file"
    path.write_bytes(b"")
    assert "damaged" in refused(path)
    path.write_bytes(b"not a volume" * 100)
    assert "damaged" in refused(path)
    write(path, np.stack([data, data], axis=-1), AFFINE)
    assert "4 dimensions (24 x 30 x 20 x 2), expected one 3-D volume" in refused(path)
    write(path, data[:, :, :1], AFFINE)
    assert "24 x 30 x 1 voxels" in refused(path)
    colours = np.zeros((20, 20, 20), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    write(path, colours, AFFINE)
    assert "voxels of colours, expected one real number" in refused(path)
    write(path, data.astype(np.complex64), AFFINE)
    assert "voxels of type complex64, expected one real number" in refused(path)


def patched(tmp_path, data, at, kind, *values, codes=(1, 1)):
    """Write a volume and change bytes of its header."""
    path = write(tmp_path / "x.nii", data, AFFINE, codes=codes, sidecar=None)
    raw = bytearray(path.read_bytes())
    raw[at : at + struct.calcsize(kind)] = struct.pack(kind, *values)
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [("x.img", nib.Nifti1Pair, "Nifti1Pair"), ("x.img", nib.AnalyzeImage, "AnalyzeImage"),
     ("x.mgz", nib.MGHImage, "MGHImage")],
)  # fmt: skip
def test_other_formats_are_said_not_to_be_nifti(tmp_path, data, name, kind, found):
    nib.save(kind(data, AFFINE), tmp_path / name)
    assert f"{found}, expected NIfTI in one file" in refused(tmp_path / name)


@pytest.mark.parametrize("ending", [".NII.GZ", ".nii.GZ", ".NII.gz"])
def test_a_compressed_file_is_read_to_its_end_whatever_the_case_of_its_name(tmp_path, data, ending):
    whole = write(tmp_path / "x.nii.gz", data, AFFINE).read_bytes()
    path = tmp_path / f"y{ending}"
    path.write_bytes(whole)
    np.testing.assert_array_equal(load_volume(path).volume.data, data)
    path.write_bytes(whole[:-8] + bytes(8))
    assert "CRC check failed" in refused(path)


def test_a_pipe_and_a_pointer_are_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.nii.gz")
    assert "a pipe, socket or device" in refused(tmp_path / "x.nii.gz")
    (tmp_path / "y.nii.gz").write_text("version https://git-lfs.github.com/spec/v1\n")
    assert "git lfs pull" in refused(tmp_path / "y.nii.gz")


@pytest.mark.parametrize(
    ("at", "kind", "values", "words"),
    [
        (108, "<f", [0], "voxels begin at byte 0, expected 352"),
        (108, "<f", [348], "damaged or not NIfTI .vox offset 348 too low"),
        (70, "<h", [1], "damaged or not NIfTI .data code 1 not supported"),
        (112, "<2f", [2, np.nan], "damaged or not NIfTI .Valid slope but invalid intercept"),
        (280, "<f", [np.nan], "degenerate affine"),
    ],
)
def test_a_header_that_cannot_be_right_is_refused(tmp_path, data, at, kind, values, words):
    with pytest.raises(DataError, match=words):
        load_volume(patched(tmp_path, data, at, kind, *values))


@pytest.mark.parametrize(
    ("quaternion", "words"),
    [((np.nan, 0, 0), "no affine"), ((1, 1, 1), "damaged or not NIfTI .w2 should be positive")],
)
def test_a_qform_that_is_no_rotation_does_not_count(tmp_path, data, quaternion, words):
    path = patched(tmp_path, data, 256, "<3f", *quaternion)
    np.testing.assert_allclose(load_volume(path).volume.affine, AFFINE)
    with pytest.raises(DataError, match=words):
        load_volume(patched(tmp_path, data, 256, "<3f", *quaternion, codes=(0, 1)))


@pytest.mark.parametrize("value", [0, 7, np.nan])
def test_an_image_of_one_value_is_refused(tmp_path, data, value):
    path = write(tmp_path / "x.nii.gz", np.full_like(data, value), AFFINE)
    assert "all voxels are" in refused(path)


def test_an_image_that_does_not_say_where_it_lies_is_refused(tmp_path, data):
    assert "no affine" in refused(write(tmp_path / "x.nii.gz", data, AFFINE, codes=(0, 0)))
    flat = AFFINE.copy()
    flat[:3, 2] = flat[:3, 1]
    assert "degenerate affine" in refused(write(tmp_path / "y.nii.gz", data, flat, codes=(1, 0)))
    metres = np.diag([0.002, 0.002, 0.002, 1])
    assert "check the units" in refused(write(tmp_path / "z.nii.gz", data, metres))


def test_one_of_the_two_affines_is_enough_and_a_contradiction_is_noted(tmp_path, data):
    for number, codes in enumerate([(1, 0), (0, 1), (1, 1)]):
        loaded = load_volume(write(tmp_path / f"{number}.nii.gz", data, AFFINE, codes=codes))
        np.testing.assert_allclose(loaded.volume.affine, AFFINE, atol=1e-5)
        assert not loaded.ambiguous
    image = nib.Nifti1Image(data, AFFINE)
    image.set_sform(AFFINE, 1)
    image.set_qform(AFFINE @ np.diag([-1.0, 1, 1, 1]), 1)
    nib.save(image, tmp_path / "both.nii.gz")
    loaded = load_volume(tmp_path / "both.nii.gz")
    assert loaded.ambiguous == "the order of axes"
    np.testing.assert_array_equal(loaded.volume.data, data)  # as the sform says


@pytest.mark.parametrize(("code", "said"), [(1, "the size of voxels"), (4, "")])
def test_sizes_of_voxels_may_differ_between_two_spaces_only(tmp_path, data, code, said):
    image = nib.Nifti1Image(data, AFFINE)
    image.set_sform(AFFINE, code)
    image.set_qform(AFFINE @ np.diag([1.5, 1.5, 1.5, 1]), 1)
    nib.save(image, tmp_path / "x.nii.gz")
    assert load_volume(tmp_path / "x.nii.gz").ambiguous == said
    image.set_qform(AFFINE + np.eye(4) * 1e-3, 1)
    nib.save(image, tmp_path / "y.nii.gz")
    assert not load_volume(tmp_path / "y.nii.gz").ambiguous


def test_resampling_keeps_what_lies_where():
    turn = Rotation.from_euler("xyz", (20, -10, 35), degrees=True).as_matrix()
    affine = np.eye(4)
    affine[:3, :3] = turn * (1.0, 1.5, 2.0)
    affine[:3, 3] = (-20, 5, 8)
    volume = Volume(np.zeros((40, 36, 30), np.float32), affine)
    ramp = volume.places_mm() @ np.array([1.0, 2.0, -3.0])
    volume = Volume(ramp.astype(np.float32), affine)
    coarse = resample(volume, 3.0)
    np.testing.assert_allclose(coarse.voxel_mm, 3)
    expected = coarse.places_mm() @ np.array([1.0, 2.0, -3.0])
    voxels = volume.voxel_of(coarse.places_mm())
    inside = ((voxels > 4) & (voxels < np.array(volume.data.shape) - 5)).all(axis=-1)
    assert inside.sum() > 200
    np.testing.assert_allclose(coarse.data[inside], expected[inside], atol=0.1)


def test_a_volume_knows_the_size_of_its_voxels_and_where_points_are():
    volume = Volume(np.zeros((5, 5, 5), np.float32), AFFINE)
    assert volume.voxel_ml == pytest.approx(0.008)
    np.testing.assert_allclose(
        volume.voxel_of([[-30, -50, -20], [-28, -46, -14]]), [[0, 0, 0], [1, 2, 3]]
    )
    np.testing.assert_allclose(volume.places_mm()[1, 2, 3], (-28, -46, -14))
