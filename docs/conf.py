"""The documentation site: ``make site`` builds it, without a network, and a warning is an error.

The pages are those that are read in the repository, too. Made while it is built: the
reference, from docstrings.
"""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

project = "ARMED study"
author = "The ARMED study's authors"
release = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "tools.site.equations"]
root_doc = "docs/index"
# The source folder is that of the repository: links between its files lead somewhere in both.
include_patterns = [
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "benchmarks/README.md", "config/README.md",
    "docs/**.md", "workflow/documentation.md", "src/armed_study/resources/tables/README.md",
]  # fmt: skip
exclude_patterns = [
    ".*", "_site", "build", "data", "dist", "envs", "requirements", "results", "tests", "tools",
]  # fmt: skip

html_theme = "furo"
html_title = f"ARMED study {release}"
html_math_renderer = "mathml"
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the NumPy docstrings say what each argument is
napoleon_google_docstring = False
napoleon_custom_sections = [("Departures from the paper", "notes")]
