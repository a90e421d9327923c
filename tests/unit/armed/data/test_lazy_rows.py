from pathlib import Path

import numpy as np
import pytest
import torch

from armed.data.lazy_rows import (
    LazyRows,
    combine,
    pick,
    read,
    row_bytes,
    rows_at_a_time,
    take,
)
from armed.data.samples import Samples
from armed.errors import DataError
from armed.training.batching import pad_samples
from small_models import loader


@pytest.fixture
def images(tmp_path):
    np.save(tmp_path / "images.npy", np.random.default_rng(0).random((20, 1, 4, 4), np.float32))
    return np.load(tmp_path / "images.npy", mmap_mode="r")


def test_rows_are_those_of_the_array_in_the_order_asked_for(images):
    chosen = np.array([3, 17, 3, 0])
    rows = pick(images, chosen)
    np.testing.assert_array_equal(read(rows), images[chosen])
    np.testing.assert_array_equal(read(rows[1:3]), images[[17, 3]])
    index = torch.tensor([[0, 1], [3, 3]])
    np.testing.assert_array_equal(take(rows, index), images[[[3, 17], [0, 0]]])
    assert rows.shape == (4, 1, 4, 4)
    assert len(rows) == 4
    assert row_bytes(rows) == row_bytes(read(rows)) == 64


def test_bytes_are_read_as_shares_of_255():
    values = np.arange(0, 256, 5, dtype=np.uint8).reshape(-1, 1, 2, 2)
    found = read(pick(values, np.arange(len(values))))
    assert found.dtype == torch.float32
    np.testing.assert_allclose(found, values / 255, rtol=1e-6)


@pytest.mark.parametrize("pinned", [True, False])
def test_rows_go_to_a_gpu_through_pinned_memory_if_asked_for(images, monkeypatch, pinned):
    samples = Samples(pick(images, np.arange(20)), torch.ones(20), torch.zeros(20).long())
    rows = loader([samples], seeds=[0], pinned=pinned)._columns[0]
    went = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda own: went.append("pinned") or own)
    monkeypatch.setattr(torch.Tensor, "to", lambda own, *_, **how: went.append(how) or own)
    read(rows.to("cuda")[:3])
    assert went == ["pinned"] * pinned + [{"non_blocking": True}]


def test_tables_are_held_as_tensors():
    table = np.arange(12.0).reshape(6, 2)
    assert torch.equal(pick(table, np.array([4, 1])), torch.tensor([[8.0, 9.0], [2.0, 3.0]]))


def test_rows_combine_as_tensors_do(images):
    parts = [pick(images, np.array(some)) for some in ([1, 2], [5, 0])]
    for how in (torch.cat, torch.stack):
        assert torch.equal(read(combine(parts, how)), how([read(part) for part in parts]))
    with pytest.raises(DataError, match="rows of several arrays"):
        combine([parts[0], pick(images.copy(), np.array([1]))], torch.cat)


def test_images_on_disk_are_fed_as_those_in_memory_are(images):
    rows, y = np.arange(20)[::-1].copy(), (torch.arange(20) % 2).float()
    z = torch.arange(20) % 4
    both = [Samples(x, y, z) for x in (pick(images, rows), torch.from_numpy(images[rows]))]
    fed = [loader([s], seeds=[3], batch_size=6, class_weights=True) for s in both]
    for mapped, held in zip(*(each.epoch() for each in fed), strict=True):
        assert all(torch.equal(a, b) for a, b in zip(mapped, held, strict=True))
    for mapped, held in zip(*(each.whole() for each in fed), strict=True):
        assert torch.equal(read(mapped), held)


def test_padding_of_rows_repeats_the_first_of_them(images):
    y, z = torch.tensor([0.0, 1.0, 1.0]), torch.tensor([0, 1, 1])
    parts = [
        Samples(pick(images, np.array(r)), y[: len(r)], z[: len(r)]) for r in ([4, 5, 6], [7, 8])
    ]
    x, *_ = pad_samples(parts)
    assert isinstance(x, LazyRows)
    np.testing.assert_array_equal(read(x), images[[[4, 5, 6], [7, 8, 7]]])


def resident() -> int:
    """Bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_memory_does_not_grow_with_the_images_that_were_read(tmp_path):
    path, size = tmp_path / "images.npy", 256 * 2**20
    np.lib.format.open_memmap(path, "w+", np.uint8, (size // 2**14, 1, 128, 128)).flush()
    images = np.load(path, mmap_mode="r")
    rows = pick(images, np.arange(len(images)))
    read(rows[:64])
    before = highest = resident()
    for start in range(0, len(rows), 64):
        read(rows[start : start + 64])
        highest = max(highest, resident())
    assert highest - before < size / 8


def test_few_images_are_predicted_at_a_time_and_many_rows_of_a_table():
    shapes = ((5,), (1, 48, 48), (1, 256, 256))
    assert [rows_at_a_time(shape) for shape in shapes] == [1024, 56, 16]
