"""The folders of a package as a graph, an arrow for each import from one folder to another.

A folder is the package that a module lies in; a module directly below the root of the package counts
as a folder of its own, since it is a layer of its own.
"""

import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import grimp

Arrows = dict[str, frozenset[str]]


def folders_of(source: Path, package: str) -> Arrows:
    """Return each folder of a package, below ``source``, and the folders that it imports."""
    sys.path.insert(0, str(source))
    try:
        graph = grimp.build_graph(package, cache_dir=None)
    finally:
        sys.path.remove(str(source))
    parents = {module.rpartition(".")[0] for module in graph.modules}

    def folder(module: str) -> str:
        if module in parents or module.count(".") < 2:
            return module
        return module.rpartition(".")[0]

    arrows: dict[str, set[str]] = {folder(module): set() for module in graph.modules}
    for module in graph.modules:
        imported = map(folder, graph.find_modules_directly_imported_by(module))
        arrows[folder(module)].update(set(imported) - {folder(module)})
    return {name: frozenset(others) for name, others in arrows.items()}


def circles(arrows: Arrows) -> list[frozenset[str]]:
    """Return the largest sets of folders of which each can be reached from each other."""
    reached = {name: _reachable(arrows, name) for name in arrows}
    found = {
        frozenset({name} | {other for other in reached[name] if name in reached[other]})
        for name in arrows
        if name in reached[name]
    }
    return sorted(found, key=sorted)


def back_arrows(arrows: Arrows) -> int:
    """Return the fewest arrows without which no circle is left: those that run back up."""

    @cache
    def fewest(rest: frozenset[str]) -> int:
        # Whichever folder comes lowest, its arrows to the others of the rest run back up.
        return min(
            (len(arrows[low] & (rest - {low})) + fewest(rest - {low}) for low in rest), default=0
        )

    return sum(fewest(circle) for circle in circles(arrows))


def levels(arrows: Arrows) -> int:
    """Return the number of folders on the longest chain of imports that meets none twice."""
    circle_of = {name: circle for circle in circles(arrows) for name in circle}

    @cache
    def longest(name: str, behind: frozenset[str]) -> int:
        # A chain that has left a circle cannot come back, so only its own circle is remembered.
        inside = circle_of.get(name, frozenset())
        ahead = arrows[name] - behind
        chains = (longest(n, behind | {name} if n in inside else frozenset()) for n in ahead)
        return 1 + max(chains, default=0)

    return max(longest(name, frozenset()) for name in arrows)


def arrow_count(arrows: Arrows) -> int:
    """Return the number of arrows."""
    return sum(map(len, arrows.values()))


def _reachable(arrows: Arrows, start: str) -> set[str]:
    found: set[str] = set()
    waiting: Iterable[str] = arrows[start]
    while waiting:
        found.update(waiting)
        waiting = {far for near in waiting for far in arrows[near]} - found
    return found
