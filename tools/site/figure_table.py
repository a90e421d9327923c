"""How each figure is made, written from figures and rules into docs/about/paper.md.

``python -m tools.site.figure_table`` brings the page up to date.
"""

import re
from pathlib import Path

from tools.marked_sections import fill, table
from tools.site.pages import DOCS

from armed_study.config.figures import declared

PAGE = DOCS / "about" / "paper.md"
RULES = DOCS.parent / "workflow" / "rules"

_RULE = re.compile(r"^(?:use )?rule (\w+)(?: as (\w+) with)?:\n(.*?)(?=^\S|\Z)", re.M | re.DOTALL)
_OUTPUT = re.compile(r"^    output:\n(.*?)(?=^    \w+:|\Z)", re.M | re.DOTALL)
_ELSEWHERE = {"samples": "prepare_dataset", "documented_effects": "tabulate_documented"}


def outputs() -> dict[str, str]:
    """Return what each rule says of its output, by the name of the rule."""
    found = {}
    for path in sorted(RULES.glob("*.smk")):
        for match in _RULE.finditer(path.read_text("utf-8")):
            output = _OUTPUT.search(match[3])
            if output:
                found[match[2] or match[1]] = output[1]
    return found


def made_by(name: str, rules: dict[str, str]) -> str:
    """Return the rule that makes a table; a later one may write it as a CSV, too."""
    stem = re.escape(Path(name).stem)
    named = re.compile(rf"/{stem}\.(?:parquet|npy)\"|[( \n]\"{stem}\"")
    found = [rule for rule, output in rules.items() if named.search(output)]
    return f"`{(found or [_ELSEWHERE[name]])[0]}`"


def render(text: str) -> str:
    """Return ``text`` of the page with its generated section made again."""
    rules = outputs()
    rows = [
        (
            about["label"],
            f"`figures/{{study}}/{name}.svg`",
            f"`{next(iter(about['reads']))}`",
            made_by(next(iter(about["reads"])), rules),
        )
        for name, about in sorted(declared().items(), key=lambda item: item[1]["label"])
    ]
    return fill(text, "figures", table(("figure", "file", "drawn from", "made by rule"), rows))


def main() -> None:
    """Bring the page up to date."""
    PAGE.write_text(render(PAGE.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
