"""The paper: templates filled with what tables say, as Markdown and as a page."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import resources
from itertools import count
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from armed.errors import DataError
from armed_study.evaluation.claims.verdicts import kind_of
from armed_study.messages import listing, suggestion
from armed_study.report.paper import answers, findings, ranking
from armed_study.report.paper.lookups import Lookups
from armed_study.report.paper.phrases import Markdown, escape, listed, sentence
from armed_study.vocabulary.labels import model_label

TEMPLATES = "templates/paper"


def library(name: str) -> dict[str, Any]:
    """Read a list that templates look words up in: `references` or `models`."""
    path = resources.files("armed_study.report").joinpath(TEMPLATES, f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


class Citations:
    """References in the order in which the text cites them."""

    def __init__(self) -> None:
        self.known, self.cited = library("references"), dict[str, int]()

    def cite(self, *names: str) -> Markdown:
        """Return the numbers of references, ``[1, 2]``."""
        for name in names:
            if name not in self.known:
                raise DataError(
                    f"paper: found no reference '{name}'{suggestion(name, self.known)}, expected one of "
                    f"{listing(self.known, 99)}; add it to {TEMPLATES}/references.toml"
                )
            self.cited.setdefault(name, len(self.cited) + 1)
        return Markdown(f"\\[{', '.join(str(self.cited[name]) for name in names)}\\]")

    def listed(self) -> list[tuple[int, Markdown]]:
        """Number and text of each reference that was cited."""
        return [(number, Markdown(self.known[name])) for name, number in self.cited.items()]


def markdown(tables: Mapping[tuple[str, str], pd.DataFrame], studies: Sequence[Any]) -> str:
    """Write the paper as Markdown.

    Parameters
    ----------
    tables
        The tables of the run, by study (nothing: of the whole run) and name.
    studies
        What is planned of each study, in the order of the paper: see `config.paper.describe`.

    Raises
    ------
    DataError
        A template asks for a cell or reference that is not there.
    """
    look, citations, figures = Lookups(tables), Citations(), count(1)
    environment = Environment(
        loader=PackageLoader("armed_study.report", TEMPLATES), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, finalize=_shown, autoescape=True,
    )  # fmt: skip
    told = [study | {"kind_of_data": kind_of(study["data"])} for study in studies]
    environment.globals |= {
        "run": look, "studies": told, "next_figure": partial(next, figures),
        "cite": citations.cite,
        "references": citations, "models": library("models"), "listed": listed, "label": model_label,
        "sentence": sentence, "grid": grid, "leader": ranking.leader, "tests": ranking.told_apart,
        "score_table": ranking.score_table, "finding": findings.finding, "text": Markdown,
        "counts": answers.counts, "described": answers.described, "answer_table": answers.answer_table,
        "marks": answers.MARKS,
    }  # fmt: skip
    text = environment.get_template("paper.md.j2").render()
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for before, line in zip(["", *lines], lines, strict=False) if line or before]
    return "\n".join(kept).strip() + "\n"


def grid(head: Sequence[object], rows: Sequence[Sequence[object]]) -> Markdown:
    """Return a table in Markdown."""
    lines = [[str(_shown(cell)) for cell in line] for line in (head, *rows)]
    lines.insert(1, ["---"] * len(head))
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def page(text: str) -> str:
    """Write Markdown as a page, with a list of its sections; figures are those next to it."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens, sections = parser.parse(text), list[tuple[str, str, str]]()
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            name = f"section-{len(sections)}"
            token.attrSet("id", name)
            sections.append((token.tag, name, _plain(tokens[at + 1])))
    title = sections[0][2] if sections else "Paper"
    # The list of sections stands below the title, which is three tokens.
    head, body = (
        Markup(parser.renderer.render(some, parser.options, {}))
        for some in (tokens[:3], tokens[3:])
    )
    environment = Environment(
        loader=PackageLoader("armed_study.report", TEMPLATES), autoescape=True
    )
    return environment.get_template("paper.html.j2").render(
        title=title, sections=sections[1:], head=head, body=body
    )


def _plain(inline: Any) -> str:
    """Text of a heading, without marks."""
    return "".join(part.content for part in inline.children or ())


def _shown(value: Any) -> Markup:
    """Text of a lookup as Markdown that shows it as it is."""
    return value if isinstance(value, Markup) else Markdown(escape(value))
