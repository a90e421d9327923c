"""What a file declares of its settings is read without importing it."""

from pydantic import TypeAdapter, ValidationError

from armed_study.config import methods

SOURCE = '''
from __future__ import annotations

@dataclass(frozen=True)
class NewSettings:
    """Settings.

    Parameters
    ----------
    share : float, above 0, at most 1
        Share of something,
        of 1.
    widths : list of int, at least 1, each at least 2
        Widths.
    mode : {"a", "b"}
        Which.
    patience : int, at least 1, or None
        How long.
    """

    share: float
    widths: list[int] = None
    mode: Literal["a", "b"] = "a"
    patience: int | None = None


class Network:
    """A network.

    Parameters
    ----------
    width : int, at least 1
        Its width.
    """

    def __init__(self, features: int, *, width: int, depth: int = 2, outputs: int = 1) -> None:
        pass


NETWORK: type = Network
'''


def write(folder):
    path = folder / "new.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def accepts(setting, value):
    try:
        TypeAdapter(setting[0]).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def test_settings_of_a_method_have_types_bounds_defaults_and_descriptions(tmp_path):
    share, widths, mode, patience = methods.settings_class(write(tmp_path)).values()
    assert share[1].is_required()
    assert share[1].description == "Share of something, of 1."
    assert [accepts(share, value) for value in (0.0, 0.5, 1.0, 1.5, "x")] == [0, 1, 1, 0, 0]
    assert [accepts(widths, value) for value in ([], [1], [2, 3], 2)] == [0, 0, 1, 0]
    assert mode[1].default == "a"
    assert [accepts(mode, value) for value in ("b", "c")] == [1, 0]
    assert [accepts(patience, value) for value in (0, 1, None, True)] == [0, 1, 1, 0]


def test_settings_of_a_network_are_its_keyword_arguments(tmp_path):
    found = methods.keyword_arguments(write(tmp_path))
    assert list(found) == ["width", "depth"]
    assert found["width"][1].is_required()
    assert found["width"][1].description == "Its width."
    assert not accepts(found["width"], 0)
    assert found["depth"][1].default == 2


def test_every_setting_of_the_tree_is_described():
    settings = {name: file.settings for name, file in methods.available().items()}
    settings |= {name: own for name, (_, own) in methods.networks().items()}
    told = {
        (file, name): field for file, own in settings.items() for name, (_, field) in own.items()
    }
    assert [place for place, field in told.items() if not field.description] == []
