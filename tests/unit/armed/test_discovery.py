"""Finding what a package offers, and what its files say of themselves."""

import sys

import pytest

from armed.discovery import discover, literal
from armed.errors import ConfigError


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of a module, and of a family of two, of which one takes part; none can be imported."""
    root = tmp_path / "offers"
    (root / "family").mkdir(parents=True)
    (root / "__init__.py").touch()
    (root / "one.py").write_text("import nothing\nTHING = {'label': 'one', 'kinds': ('a',)}\n")
    (root / "family" / "two.py").write_text("import nothing\nTHING = {'label': str(2)}\n")
    (root / "family" / "helper.py").write_text("import nothing\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "offers"
    sys.modules.pop("offers", None)
    discover.cache_clear()


def test_modules_of_families_are_found_where_they_are_asked_for(package):
    assert list(discover(package, "THING")) == ["one"]
    assert list(discover(package, "THING", families=True)) == ["one", "two"]


def test_literal_is_read_without_an_import(package):
    path = discover(package, "THING")["one"]
    assert literal(path, "THING") == {"label": "one", "kinds": ("a",)}


def test_what_is_no_literal_is_refused_with_its_file(package):
    path = discover(package, "THING", families=True)["two"]
    with pytest.raises(ConfigError, match=r"two\.py: THING is not written out, expected a literal"):
        literal(path, "THING")
