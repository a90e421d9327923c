from importlib import metadata

import armed
from running import ROOT, python

CODE = """
import sys, torch
before = set(sys.modules)
from armed import fit
found = {name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)
print(*found)
"""


def test_import_of_the_library_needs_torch_and_numpy_alone():
    # What else there is, such as pandas, takes longer to import than all of the library.
    assert python("-c", CODE, cwd=ROOT, paths="src").split() == ["armed"]


def test_version_is_that_of_the_installed_distribution(monkeypatch):
    assert armed.__version__ == metadata.version("armed-study")
    monkeypatch.setattr(metadata, "version", lambda name: f"9.9 of {name}")
    assert armed.__version__ == "9.9 of armed-study"


def test_version_without_an_installed_distribution_is_unknown(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert armed.__version__ == "unknown"


def test_import_looks_for_no_version():
    code = "import sys, armed; print('importlib.metadata' in sys.modules)"
    assert python("-S", "-c", code, cwd=ROOT, paths="src").strip() == "False"
