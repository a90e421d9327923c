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
