import warnings
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

from armed.data.arrays import UNKNOWN, features
from armed.data.lazy_rows import LazyRows
from armed.data.samples import Samples
from armed.errors import ArmedWarning, DataError
from refusals import refused
from small_models import clustered, make

X = np.array([[0.5, 1.0], [2.0, -1.0], [0.0, 3.0]])
Y = np.array([0.0, 1.0, 1.0])
Z = np.array([0, 2, 1])
NA = [0, None, 1]
WIDTHS = ("int8", "uint8", "int16", "int32", "uint32", "int64", "uint64", ">i4", "bool")
MASKED = np.ma.masked_array([0, 7, 1], mask=[False, True, False])


def samples(x=X, y=Y, z=Z):
    return Samples(x, y, z)


@pytest.mark.parametrize(
    "x",
    [
        X,
        X.astype(">f8"),
        X[::-1][::-1],
        X.tolist(),
        pd.DataFrame(X),
        torch.from_numpy(X),
        X.astype("f2"),
    ],
)
def test_features_of_every_kind_become_32_bit_floats(x):
    found = samples(x=x).x
    assert found.dtype == torch.float32
    assert torch.equal(found, torch.from_numpy(X).float())


@pytest.mark.parametrize("kind", ["int8", "uint16", "int64"])
def test_whole_numbers_stay_whole_until_a_network_says_what_they_are(kind):
    assert samples(x=np.array([[1, 2]] * 3, dtype=kind)).x.dtype == torch.int64


def test_rows_on_disk_stay_there():
    rows = LazyRows(X.astype(np.float32), torch.arange(3))
    assert samples(x=rows).x is rows
    assert LazyRows(X, torch.arange(3)).read().dtype == torch.float32


def test_whole_numbers_too_large_for_64_bits_are_taken_as_floats():
    x = np.full((3, 1), 10**30, dtype=object)
    torch.testing.assert_close(samples(x=x).x, torch.full((3, 1), 1e30))


def test_fractions_in_a_column_of_objects_are_not_cut_off():
    x = np.array([[Fraction(1, 2)], [1], [True]], dtype=object)
    assert samples(x=x).x.tolist() == [[0.5], [1.0], [1.0]]


def test_samples_ask_for_no_gradient_and_those_predicted_do():
    x, y = torch.randn(3, 2, requires_grad=True), torch.zeros(3, requires_grad=True)
    made = samples(x=x, y=y)
    assert not made.x.requires_grad
    assert not made.y.requires_grad
    assert features(x).requires_grad


def test_tensors_that_are_right_are_not_copied():
    x, y, z = torch.randn(3, 2), torch.zeros(3), torch.arange(3)
    made = samples(x, y, z)
    assert (made.x is x, made.y is y, made.z is z) == (True, True, True)


@pytest.mark.parametrize("kind", WIDTHS)
def test_clusters_of_every_width_are_taken(kind):
    z = np.array([0, 1, 1]).astype(kind)
    for given in (z, pd.Series(z, index=[7, 8, 9]), z[:, None], list(z), pd.DataFrame({"site": z})):
        assert samples(z=given).z.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "z",
    [
        pd.Categorical(["a", None, "b"]),
        pd.Series(["a", None, "b"], dtype="category"),
        pd.DataFrame({"site": pd.Categorical(["a", None, "b"])}),
        pd.Series(NA, dtype="Int64"),
        pd.Series(NA, dtype=object),
        pd.Series(NA),
        np.array(NA, dtype=object),
        NA,
        MASKED,
    ],
)
def test_a_missing_cluster_is_unknown(z):
    assert samples(z=z).z.tolist() == [0, UNKNOWN, 1]


def test_weights_over_clusters_are_taken():
    weights = np.array([[0.5, 0.5], [0.0, 0.0], [1.0, 0.0]])
    assert torch.equal(samples(z=weights).z, torch.from_numpy(weights).float())


REFUSED = {
    "NaN in features": ({"x": np.where(X == 2, np.nan, X)}, "x holds nan at row 1; expected finite"),
    "infinity": ({"x": np.where(X == 3, np.inf, X)}, "x holds inf at row 2; expected finite"),
    "above 32 bits": ({"x": np.where(X == 3, 1e300, X)}, "x holds inf at row 2"),
    "missing feature": ({"x": [[1, 2], [None, 3], [4, 5]]}, "x holds nan at row 1"),
    "NA in a table": ({"x": pd.DataFrame({"a": pd.array([1, None, 3])})}, "x holds nan at row 1"),
    "masked feature": ({"x": np.ma.masked_equal(X, 2)}, "x holds nan at row 1"),
    "text": ({"x": X.astype(str)}, "x holds a ndarray of <U"),
    "text in a table": ({"x": pd.DataFrame({"a": [1, "2", 3]})}, "x holds '2'; expected numbers"),
    "dates": ({"x": X.astype("M8[s]")}, r"x holds a ndarray of datetime64\[s\]"),
    "complex": ({"x": torch.zeros(3, 1, dtype=torch.complex64)}, "x holds a tensor of torch.complex64"),
    "several inputs": ({"x": {"a": X}}, "x holds a dict"),
    "rows of different length": ({"x": [[1], [1, 2], [3]]}, "x holds a list of rows of different"),
    "one feature": ({"x": X[:, 0]}, r"x has shape \(3,\); expected \(samples, ...\)"),
    "NaN in outcomes": ({"y": [0, np.nan, 1]}, "y holds nan at row 1"),
    "names of outcomes": ({"y": pd.Series(["CN", "AD", "CN"])}, "y holds 'CN'; expected numbers"),
    "two outcomes": ({"y": X}, r"y has shape \(3, 2\)"),
    "negative cluster": ({"z": [0, 1, -1]}, "z holds -1 at row 2; expected clusters from 0"),
    "cluster as float": ({"z": Z.astype(float)}, "z holds one floating-point number a sample"),
    "half a cluster": ({"z": [0, 0.5, None]}, "z holds 0.5 at row 1; expected whole numbers"),
    "endless cluster": ({"z": [0, np.inf, None]}, "z holds inf at row 1; expected whole numbers"),
    "names of clusters": ({"z": ["a", "b", "a"]}, "z holds a list of <U1"),
    "two clusters": ({"z": [[0, 1]] * 3}, r"z has shape \(3, 2\)"),
    "one cluster": ({"z": 1}, "z holds a int"),
    "negative weight": ({"z": [[0.5, 0.5], [-0.1, 0.5], [1.0, 0]]}, "z holds -0.1 at row 1"),
    "weights above 1": ({"z": [[0.5, 0.5], [0.9, 0.5], [1.0, 0]]}, "at row 1; expected weights"),
    "missing weight": ({"z": [[0.5, 0.5], [np.nan, 0.5], [1.0, 0]]}, "at row 1; expected weights"),
    "from 2**63 on": ({"x": np.full((3, 1), 2**63, dtype="u8")}, r"x holds whole numbers from 2\*\*63 on"),
    "cluster hashes": ({"z": torch.full((3,), 2**64 - 1, dtype=torch.uint64)}, r"z holds whole .* 2\*\*63"),
    "sparse": ({"x": torch.from_numpy(X).to_sparse()}, "x holds a tensor of layout torch.sparse_coo"),
    "sparse of SciPy": ({"x": sparse.csr_matrix(X)}, "x holds a csr_matrix"),
    "without values": ({"x": torch.zeros(3, 2, device="meta")}, "x holds a tensor on the device meta"),
    "nested": ({"x": torch.nested.nested_tensor([torch.zeros(2)] * 3)}, "x holds a nested tensor"),
    "quantized": (
        {"x": torch.quantize_per_tensor(torch.zeros(3, 2), 0.1, 0, torch.qint8)}, "x holds a quantized"),
    "no dimension": ({"y": torch.tensor(1.0)}, r"y holds a tensor of shape \(\)"),
    "list of tensors with gradients": (
        {"x": list(torch.ones(3, 2, requires_grad=True))}, "x holds a list that NumPy cannot read"),
    "other lengths": ({"z": [0, 1]}, "x, y, z have 3, 3, 2 samples"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_sample_is_refused_by_argument_and_row(case):
    given, message = REFUSED[case]
    with pytest.raises(DataError, match=message):
        samples(**given)


def test_pandas_rows_in_different_orders_are_refused():
    x, y, z = pd.DataFrame(X), pd.Series(Y), pd.Series(Z)
    for one, other, given in (
        ("x", "y", (x, y[::-1], Z)),
        ("x", "z", (x, Y, z[::-1])),
        ("y", "z", (X, y, z.sample(frac=1, random_state=1))),
    ):
        with refused(f"{one} and {other} have the same index in different orders", DataError):
            samples(*given)
    method, data = make("armed"), clustered(5)
    x, z = pd.DataFrame(data.x.numpy()), pd.Series(data.z.numpy())
    with refused("x and z have the same index", DataError):
        method.predict(x, z[::-1])
    assert method.predict(x[::-1], z[::-1])["mixed"].shape == (5,)


@pytest.mark.parametrize("index", [[7, 8, 9], [0, 5, 2], list("abc")])
def test_pandas_rows_that_were_numbered_again_are_taken_as_they_come(index):
    found = samples(pd.DataFrame(X, index=index), pd.Series(Y), Z)
    assert torch.equal(found.x, torch.from_numpy(X).float())


SECONDS = 1.7e9 + np.arange(3)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("x", (np.stack([Y, SECONDS], 1), Y, Z)),
        ("x", (torch.from_numpy(SECONDS)[:, None], Y, Z)),
        ("x", (SECONDS.astype(np.int64)[:, None], Y, Z)),
        ("y", (X, SECONDS, Z)),
        ("y", (X, SECONDS.astype(np.int64), Z)),
    ],
)
def test_differences_that_32_bits_lose_are_warned_of(name, given):
    with pytest.warns(ArmedWarning, match=f"^{name} holds numbers such as 1700000002, .*subtract"):
        samples(*given)


@pytest.mark.parametrize(
    "x",
    [
        X + 1e4,
        X / 3,
        X * 1e30,
        np.full((3, 1), 0.1),
        SECONDS[:, None] * Z[:, None],
        [[2**24], [1], [0]],
    ],
)
def test_differences_that_32_bits_hold_are_no_trouble(x):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        samples(x=x)
