"""Exit with one sentence if this Python cannot run the project; old Pythons can read this file.

Arguments: the goal of make that was asked for, to be named in the remedy.
"""

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
