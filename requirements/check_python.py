"""Exit with one sentence if the project cannot run with this Python, or in this folder.

Arguments: the goal of make that was asked for, to be named in the remedy. Old Pythons can read this file.
"""

import os
import re
import sys

goal = ([*sys.argv[1:], "study"])[0]
remedy = "install one and name it: make %s PYTHON=python3.12" % goal  # noqa: UP031

if sys.version_info < (3, 11):  # noqa: UP036
    found = "%d.%d.%d (%s)" % (sys.version_info[:3] + (sys.executable,))  # noqa: UP031, RUF005
    sys.exit("Found Python " + found + ", expected 3.11 or newer; " + remedy)

try:
    import ensurepip  # noqa: F401
    import venv  # noqa: F401
except ImportError:
    sys.exit(
        "Found " + sys.executable + " without venv, expected it to make the folder .venv; "
        "on Debian and Ubuntu: apt-get install python3-venv; else " + remedy
    )

# Snakemake starts a script by the path of its Python, which it hands to a shell without quotes.
special = re.search(r"[^\w@%+=:,./-]", os.getcwd())
if special:
    character = {" ": "a blank"}.get(special.group(), repr(special.group()))
    sys.exit(
        "Found %s in the name of the folder %s, expected letters, digits and any of ._-+, as the "  # noqa: UP031
        "shell that starts the jobs would split or change the name; move or rename the folder"
        % (character, os.getcwd())
    )
