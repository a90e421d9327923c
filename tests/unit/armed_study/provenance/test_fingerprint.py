import pytest

from armed_study.provenance import fingerprint, source_files


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
    return tmp_path


def taken(tree, *modules):
    for cached in (
        source_files.read,
        fingerprint._imports,
        fingerprint._path_of,
        fingerprint._shipped,
    ):
        cached.cache_clear()
    return fingerprint.fingerprint(tree / "script.py", modules)


def edit(path, text):
    path.write_text(text, encoding="utf-8")


def test_code_imported_at_second_hand_counts(tree):
    before = taken(tree)
    edit(tree / "pack/two.py", "import os\n\ndef g():\n    return 2\n")
    assert taken(tree) != before


def test_comments_docstrings_and_layout_do_not_count(tree):
    before = taken(tree)
    edit(
        tree / "pack/two.py",
        '"""New."""\nimport os\n\n\ndef g():\n    """Say."""\n    return 1  # one\n',
    )
    assert taken(tree) == before


def test_shipped_tables_count_where_they_are_named(tree):
    table = tree / fingerprint.DATA / "weights.csv"
    table.parent.mkdir(parents=True)
    edit(table, "a\n1\n")
    before = taken(tree)
    edit(tree / "pack/two.py", 'import os\n\ndef g():\n    return "weights.csv"\n')
    named = taken(tree)
    edit(table, "a\n2\n")
    assert len({before, named, taken(tree)}) == 3


def test_modules_that_are_not_imported_do_not_count(tree):
    before = taken(tree)
    edit(tree / "pack/three.py", "X = 2\n")
    assert taken(tree) == before


def test_modules_imported_by_name_count_when_they_are_named(tree):
    before = taken(tree, "pack.three")
    assert before != taken(tree)
    edit(tree / "pack/three.py", "X = 2\n")
    assert taken(tree, "pack.three") != before


def test_the_fingerprint_does_not_depend_on_where_the_tree_lies(
    tree, tmp_path_factory, monkeypatch
):
    import shutil

    before = taken(tree)
    other = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(tree, other)
    monkeypatch.setattr(fingerprint, "SOURCE", other)
    assert taken(other) == before
