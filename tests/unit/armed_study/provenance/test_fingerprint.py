import shutil

import pytest

from armed_study.provenance import fingerprint

CACHED = (fingerprint._graph, fingerprint.read, fingerprint._shipped)


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A source tree in which script imports one, one imports two; three stands apart."""
    files = {
        "pack/__init__.py": "",
        "pack/one.py": "from pack import two\n\ndef f():\n    return two.g()\n",
        "pack/two.py": "import os\n\ndef g():\n    return 1\n",
        "pack/three.py": "X = 1\n",
        "script.py": "from pack.one import f\n\nf()\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(fingerprint, "SOURCE", tmp_path)
    monkeypatch.setattr(fingerprint, "PACKAGES", ("pack",))
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for cached in CACHED:
        cached.cache_clear()


def taken(tree, *modules):
    for cached in CACHED:
        cached.cache_clear()
    return fingerprint.fingerprint(tree / "script.py", modules)


def edit(path, text):
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "text", "counts"),
    [
        ("two.py", "import os\n\ndef g():\n    return 2\n", True),  # imported at second hand
        ("__init__.py", "X = 2\n", True),  # the package of imported modules
        ("three.py", "X = 2\n", False),  # imported by nobody
        ("two.py", '"""N."""\nimport os\n\n\ndef g():\n    """S."""\n    return 1  # one\n', False),
    ],
)
def test_code_that_is_imported_counts_but_for_comments_docstrings_and_layout(
    tree, file, text, counts
):
    before = taken(tree)
    edit(tree / "pack" / file, text)
    assert (taken(tree) != before) == counts


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        (folder, "weights.csv" if "resources" in folder else "page.html.j2")
        for folder in fingerprint.SHIPPED
    ],
)
def test_shipped_files_count_where_they_are_named(tree, folder, name):
    file = tree / folder / name
    file.parent.mkdir(parents=True)
    edit(file, "a\n1\n")
    before = taken(tree)
    edit(tree / "pack/two.py", f"import os\n\ndef g():\n    return ('{name}', 1)\n")
    named = taken(tree)
    edit(file, "a\n2\n")
    assert len({before, named, taken(tree)}) == 3


def test_every_folder_of_shipped_tables_is_looked_into():
    folders = {path.parent for path in (fingerprint.SOURCE / "armed_study").rglob("*.csv")}
    assert {str(path.relative_to(fingerprint.SOURCE)) for path in folders} <= set(
        fingerprint.SHIPPED
    )


def test_modules_imported_by_name_count_when_they_are_named(tree):
    before = taken(tree, "pack.three")
    assert before != taken(tree)
    edit(tree / "pack/three.py", "X = 2\n")
    assert taken(tree, "pack.three") != before


def test_the_fingerprint_does_not_depend_on_where_the_tree_lies(
    tree, tmp_path_factory, monkeypatch
):
    before = taken(tree)
    other = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(tree, other)
    monkeypatch.setattr(fingerprint, "SOURCE", other)
    monkeypatch.syspath_prepend(other)
    assert taken(other) == before
