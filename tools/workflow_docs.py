"""Rules and file formats of the workflow, written from their sources into workflow/documentation.md.

``python -m tools.workflow_docs`` brings the file up to date.
"""

import re
from pathlib import Path

from tools.marked_sections import fill, table

from armed_study.io import schemas

WORKFLOW = Path(__file__).resolve().parents[1] / "workflow"
DOCUMENTATION = WORKFLOW / "documentation.md"

_RULE = re.compile(
    r"^(?:use rule (?P<base>\w+) as (?P<variant>\w+) with|rule (?P<name>\w+)):", re.M
)


def rule_table() -> str:
    """Return the rules as Markdown, in the order in which the Snakefile includes their files."""
    snakefile = (WORKFLOW / "Snakefile").read_text(encoding="utf-8")
    rows = []
    for name in (*re.findall(r'^include: "(.+)"', snakefile, re.M), "Snakefile"):
        text = (WORKFLOW / name).read_text(encoding="utf-8")
        starts = [*_RULE.finditer(text)]
        ends = [*(match.start() for match in starts[1:]), len(text)]
        rows += [_row(m, text[m.end() : end], name) for m, end in zip(starts, ends, strict=False)]
    return table(("rule", "what it does", "file"), rows)


def _row(match: re.Match[str], block: str, name: str) -> tuple[str, str, str]:
    docstring = re.search(r'"""(.+?)"""', block, re.DOTALL)
    what = " ".join(docstring[1].split()) if docstring else ""
    if match["variant"]:
        what = what or f"As `{match['base']}`, for other sources."
    return f"`{match['name'] or match['variant']}`", what, f"`{name}`"


def render(text: str) -> str:
    """Return ``text`` of the documentation with its generated sections made again."""
    return fill(fill(text, "rules", rule_table()), "formats", schemas.describe())


def main() -> None:
    """Bring workflow/documentation.md up to date."""
    text = DOCUMENTATION.read_text(encoding="utf-8")
    DOCUMENTATION.write_text(render(text), encoding="utf-8")


if __name__ == "__main__":
    main()
