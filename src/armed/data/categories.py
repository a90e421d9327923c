"""Clusters as pandas categories, which are numbered by their codes."""

from numbers import Real
from typing import Any

from armed.errors import DataError

Names = tuple[Any, ...] | None


def one_column(z: Any) -> Any:
    """Return the column of a table of one; anything else as it is."""
    return z.iloc[:, 0] if hasattr(z, "iloc") and z.ndim == 2 and z.shape[1] == 1 else z


def categorical(z: Any) -> Any:
    """Return what holds codes and categories in a categorical, a column or a table of one; else None."""
    z = one_column(z)
    if str(getattr(z, "dtype", "")) != "category":
        return None
    return z.cat if hasattr(z, "cat") else z


def cluster_names(z: Any) -> Names:
    """Return the categories of ``z`` in the order of their codes; None of anything else."""
    found = categorical(z)
    return None if found is None else tuple(found.categories)


def same_names(known: Names, given: Names) -> Names:
    """Return the one that there is; `DataError` if one code would be two clusters."""
    if known is None or given is None:
        return known or given
    if known != given:
        raise DataError(
            f"z has the categories {_some(given)} where {_some(known)} were trained on or given before; "
            "expected the same in the same order, since their codes number the clusters; convert z to them"
        )
    return known


def no_codes(names: Names) -> None:
    """Raise `DataError` if plain numbers could be meant as names of clusters or as their codes."""
    if (
        names
        and all(isinstance(name, Real) for name in names)
        and names != tuple(range(len(names)))
    ):
        raise DataError(
            f"z holds whole numbers where the categories {_some(names)} were trained on; expected "
            "categories, as numbers could be theirs or their codes; convert z to them"
        )


def _some(names: tuple[Any, ...]) -> str:
    text = ", ".join(map(repr, names[:4]))
    return f"[{text}, ...] ({len(names)})" if len(names) > 4 else f"[{text}]"
