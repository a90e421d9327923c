"""Values on a regular lattice in millimetres, looked up anywhere; smooth random fields on one.

All coordinates are MNI millimetres (or a scanner's), shape (3, points): x to the right, y to the
front, z up.
"""

from dataclasses import dataclass

import numpy as np

_POINTS = 2**14  # that are looked up at a time
# Numbers of as many bytes as so many floats: NumPy takes such as one, but rows of floats piece by piece.
_NODES = {1: np.float32, 2: np.float64, 4: np.complex128}


@dataclass(frozen=True)
class Lattice:
    """Components on a lattice, linearly interpolated; beyond the lattice its border value holds.

    Parameters
    ----------
    values : ndarray, shape (components, nx, ny, nz)
    origin : ndarray, shape (3,)
        Coordinates of the first node, mm.
    spacing : float
        Between nodes, mm.
    """

    values: np.ndarray
    origin: np.ndarray
    spacing: float

    def at(self, points: np.ndarray) -> np.ndarray:
        """Return the components at the points, shape (components, points), float32."""
        # Three times as fast as scipy's map_coordinates: components share the look-up, those of a node lie
        # together, and what is worked on at a time stays in the caches.
        nodes, found = self._nodes(), np.empty((len(self.values), points.shape[1]), np.float32)
        width = nodes.itemsize // np.float32().itemsize
        for start in range(0, points.shape[1], _POINTS):
            some = slice(start, start + _POINTS)
            corner, share = self._cells(points[:, some])
            share = np.repeat(share, width, axis=1)
            read = [[nodes.take(c + up).view(np.float32) for up in (0, 1)] for c in corner]
            along_z = [_between(low, high, share[2]) for low, high in read]
            along_y = [_between(along_z[i], along_z[i + 1], share[1]) for i in (0, 2)]
            values = _between(along_y[0], along_y[1], share[0]).reshape(-1, width)
            found[:, some] = values.T[: len(found)]
        return found

    def on(self, grid: "Grid", box: tuple[slice, ...]) -> np.ndarray:
        """Return the components in a box of a grid, (components, *box): what `at` does of its points."""
        field = self.values
        for axis in (2, 1, 0):  # as in `at`, so that they are equal to the bit
            places = np.arange(grid.shape[axis])[box[axis]] * grid.voxel + grid.origin[axis]
            cell, share = self._along(axis, places.astype(np.float32))
            low, high = (field.take(cell + up, axis=axis + 1) for up in (0, 1))
            field = _between(low, high, share.reshape(-1, *[1] * (2 - axis)))
        return field

    def _nodes(self) -> np.ndarray:
        """Return the components of a node as one number of as many bytes, (nodes,)."""
        width = next(w for w in _NODES if w >= len(self.values))
        nodes = np.moveaxis(self.values, 0, -1)
        if width > len(self.values):
            nodes = np.pad(nodes, [(0, 0)] * 3 + [(0, width - len(self.values))])
        nodes = np.ascontiguousarray(nodes, dtype=np.float32)
        return nodes.reshape(-1).view(_NODES[width])

    def nearest(self, points: np.ndarray) -> np.ndarray:
        """Return the first component at the nearest nodes, and 0 beyond the lattice."""
        place = np.rint(self._index_of(points)).astype(np.int32)
        shape = np.array(self.values.shape[1:], dtype=np.int32)[:, None]
        inside = np.all((place >= 0) & (place < shape), axis=0)
        flat = np.where(inside, (place[0] * shape[1] + place[1]) * shape[2] + place[2], 0)
        return np.where(inside, self.values[0].ravel().take(flat), 0)

    def _index_of(self, points: np.ndarray) -> np.ndarray:
        offset = np.asarray(self.origin, dtype=np.float32)[:, None]
        return (points - offset) * np.float32(1 / self.spacing)

    def _cells(self, points: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        """Return the flat index of four lower corners (0, +y, +x, +x+y), and the place within."""
        along_y, along_z = self.values.shape[2:]
        cells, shares = zip(*map(self._along, range(3), points), strict=True)
        first = (cells[0] * along_y + cells[1]) * along_z + cells[2]
        steps = (0, along_z, along_y * along_z, (along_y + 1) * along_z)
        return [first + step for step in steps], np.stack(shares)

    def _along(self, axis: int, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower node along an axis, and the place between it and the next, each (places,)."""
        last = self.values.shape[axis + 1] - 1
        index = (places - np.float32(self.origin[axis])) * np.float32(1 / self.spacing)
        index = np.clip(index, 0, np.float32(last))
        cell = np.minimum(index.astype(np.int64), last - 1)
        return cell, (index - cell).astype(np.float32)


def _between(low: np.ndarray, high: np.ndarray, share: np.ndarray) -> np.ndarray:
    high -= low
    high *= share
    high += low
    return high


@dataclass(frozen=True)
class Grid:
    """Voxel centres of a volume: ``origin + voxel * index``, axes right, front, up.

    Parameters
    ----------
    origin
        Of the first voxel, mm.
    shape
        Voxels along each axis.
    voxel
        Edge, mm.
    """

    origin: tuple[float, float, float]
    shape: tuple[int, int, int]
    voxel: float

    @property
    def affine(self) -> np.ndarray:
        """From voxel index to mm, shape (4, 4)."""
        return np.block(
            [[np.eye(3) * self.voxel, np.array(self.origin)[:, None]], [np.zeros(3), 1.0]]
        )

    def points(self, mask: np.ndarray | None = None) -> np.ndarray:
        """Return the centres of the voxels in the mask (without: of all), shape (3, voxels)."""
        index = np.indices(self.shape).reshape(3, -1) if mask is None else np.array(mask.nonzero())
        return (index * self.voxel + np.array(self.origin)[:, None]).astype(np.float32)

    def lattice(self, values: np.ndarray) -> Lattice:
        """Return values on the grid, shape (components, *shape), to be looked up."""
        return Lattice(values, np.array(self.origin), self.voxel)


def box_of(mask: np.ndarray, margin: int = 0) -> tuple[slice, ...]:
    """Return the box of a mask that is not empty, with a margin, to work on no more than that."""
    others = [tuple(a for a in range(mask.ndim) if a != axis) for axis in range(mask.ndim)]
    inside = [np.flatnonzero(mask.any(axis=axes)) for axes in others]
    return tuple(slice(max(int(i[0]) - margin, 0), int(i[-1]) + 1 + margin) for i in inside)


def smooth_field(coefficients: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Return the cubic B-spline with these coefficients on a lattice of `shape` over its domain.

    Parameters
    ----------
    coefficients : ndarray, shape (components, kx, ky, kz), each k at least 4

    Returns
    -------
    ndarray, shape (components, *shape), float32
    """
    field = coefficients.astype(np.float32)
    for axis, count in enumerate(shape, start=1):
        field = _along(field, axis, count)
    return field


def unit_field(
    rng: np.random.Generator, components: int, shape: tuple[int, int, int], knots: tuple[int, ...]
) -> np.ndarray:
    """Draw a smooth random field of variance about 1, shape (components, *shape)."""
    coefficients = rng.standard_normal((components, *knots))
    return smooth_field(coefficients * _SPLINE_GAIN, shape)


# Mean over a cell of the sum of squared cubic B-spline weights is 0.4794: what smoothing leaves of
# the variance of independent coefficients, along each of three axes.
_SPLINE_GAIN = 0.4794**-1.5


def _along(field: np.ndarray, axis: int, count: int) -> np.ndarray:
    # Sums of four products, not a matrix product: its rounding may depend on the threads.
    place = np.linspace(0.0, field.shape[axis] - 3, count)
    cell = np.minimum(place.astype(int), field.shape[axis] - 4)
    total = np.zeros(1, np.float32)
    for step, weight in enumerate(_spline_weights(place - cell)):
        shaped = weight.astype(np.float32).reshape([-1 if a == axis else 1 for a in range(4)])
        total = total + np.take(field, cell + step, axis=axis) * shaped
    return total


def _spline_weights(t: np.ndarray) -> tuple[np.ndarray, ...]:
    return (
        (1 - t) ** 3 / 6,
        (3 * t**3 - 6 * t**2 + 4) / 6,
        (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
        t**3 / 6,
    )
