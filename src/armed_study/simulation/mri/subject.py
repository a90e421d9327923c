"""One simulated subject: its own anatomy, its atrophy, its pose in the scanner.

A point ``x`` (MNI mm) of the subject's brain shows the template at ``u + c(u)``, ``u = x + d(x)``: ``d`` is
the subject's smooth deformation, ``c`` the change by disease and age. In a raw head ``x`` stands at
``w = R x`` in the scanner, ``R`` rigid.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from armed_study.simulation.mri.anatomy import near_brain, points_near_brain
from armed_study.simulation.mri.disease import changes
from armed_study.simulation.mri.lattice import Grid, Lattice, box_of, unit_field
from armed_study.simulation.mri.names import MriSettings, number_of, split_scan
from armed_study.simulation.mri.participants import AGE_MEAN, AGE_SD, SEPARATION, people, stream

_PART_ANATOMY, _PART_POSE = 2, 3
# Of the random fields: knots along x, y, z over the box, standard deviation of a component (mm).
_SCALES = (((9, 10, 9), 2.2), ((19, 22, 19), 1.0))
_BOX = Grid(origin=(-110.0, -146.0, -114.0), shape=(45, 52, 48), voxel=5.0)
_STRETCH_SD, _STRETCH_SD_REGISTERED = 0.03, 0.008
_TURN_SD, _SHIFT_SD, _TURN_MOST, _SHIFT_MOST = 6.0, 6.0, 15.0, 15.0  # degrees, mm
_ROUNDS = 30


@dataclass(frozen=True)
class Subject:
    """What decides the anatomy of a subject at one session.

    Parameters
    ----------
    deformation
        ``d`` in mm, on a lattice in MNI space.
    disease, age
        Sizes of the two changes (see `disease`).
    """

    deformation: Lattice
    disease: float
    age: float

    def on_template(self, points: np.ndarray) -> np.ndarray:
        """Return ``u`` of points in the subject's MNI space, shape (3, points)."""
        return points + self.deformation.at(points)

    def near_brain_on_template(self, grid: Grid) -> np.ndarray:
        """Return ``u`` of the voxels of `anatomy.near_brain`, to the bit, in a third of the time."""
        where = near_brain(grid)
        box = box_of(where)
        moved = self.deformation.on(grid, box).reshape(3, -1)
        return points_near_brain(grid) + moved.take(np.flatnonzero(where[box]), axis=1)

    def carried(self, points: np.ndarray) -> np.ndarray:
        """Return where points of the template lie in the subject's MNI space: ``x`` given ``u + c(u)``."""
        change = changes().lattice(self.disease, self.age)
        wanted = np.asarray(points, dtype=np.float32)
        on_template = wanted.copy()
        for _ in range(_ROUNDS):
            on_template = wanted - change.at(on_template)[:3]
        found = on_template.copy()
        for _ in range(_ROUNDS):
            found = on_template - self.deformation.at(found)
        return found


def subject(settings: MriSettings, seed: int, name: str) -> Subject:
    """Return the subject of a scan, named as by `scan_names`, as it was on that day."""
    participant, session = split_scan(settings, name)
    own: Any = people(settings, seed).loc[participant]
    age = float(own["age"]) + number_of(session) - 1  # sessions are a year apart
    return Subject(
        deformation=_deformation(seed, number_of(participant), settings.derivatives),
        disease=float(own["severity"]) + SEPARATION / 2,
        age=(age - AGE_MEAN) / AGE_SD,
    )


def pose(settings: MriSettings, seed: int, name: str) -> np.ndarray:
    """Return the rigid matrix from MNI to scanner coordinates (mm), shape (4, 4).

    The identity for images in MNI space.
    """
    if settings.derivatives:
        return np.eye(4)
    participant, session = split_scan(settings, name)
    rng = stream(seed, _PART_POSE, number_of(participant), number_of(session))
    turns = np.radians(np.clip(rng.normal(0, _TURN_SD, 3), -_TURN_MOST, _TURN_MOST))
    matrix = np.eye(4)
    for axis, turn in enumerate(turns):
        matrix[:3, :3] = _rotation(axis, turn) @ matrix[:3, :3]
    matrix[:3, 3] = np.clip(rng.normal(0, _SHIFT_SD, 3), -_SHIFT_MOST, _SHIFT_MOST)
    return matrix


def carry(settings: MriSettings, seed: int, name: str, points: np.ndarray) -> np.ndarray:
    """Return where points of the template (MNI mm, shape (3, n)) truly lie in a scan, in its mm."""
    found = subject(settings, seed, name).carried(points).astype(float)
    return moved(pose(settings, seed, name), found)


def moved(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the points (3, n) taken through an affine matrix (4, 4)."""
    # einsum, not a matrix product: its rounding may depend on the number of threads.
    return np.einsum("ij,jn->in", matrix[:3, :3], points) + matrix[:3, 3:]


def _deformation(seed: int, number: int, registered: bool) -> Lattice:
    rng = stream(seed, _PART_ANATOMY, number)
    field = np.asarray(sum(sd * unit_field(rng, 3, _BOX.shape, knots) for knots, sd in _SCALES))
    axes = [o + _BOX.voxel * np.arange(n) for o, n in zip(_BOX.origin, _BOX.shape, strict=True)]
    stretch = rng.standard_normal(3) * (_STRETCH_SD_REGISTERED if registered else _STRETCH_SD)
    for component, (positions, share) in enumerate(zip(axes, stretch, strict=True)):
        shape = [-1 if axis == component else 1 for axis in range(3)]
        field[component] += (share * positions).astype(np.float32).reshape(shape)
    return _BOX.lattice(field)


def _rotation(axis: int, turn: float) -> np.ndarray:
    first, second = [other for other in range(3) if other != axis]
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = np.cos(turn)
    matrix[first, second], matrix[second, first] = -np.sin(turn), np.sin(turn)
    return matrix
