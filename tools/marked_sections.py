"""Generated sections of hand-written Markdown, between a pair of markers."""

import re

from armed.errors import ConfigError


def fill(text: str, name: str, body: str) -> str:
    """Return ``text`` with ``body`` between the markers of the section ``name``.

    The markers are ``<!-- begin NAME: ... -->`` and ``<!-- end NAME -->``; the first may say how the
    section is made. `ConfigError` if they are not there exactly once.
    """
    marks = re.compile(
        rf"(<!-- begin {re.escape(name)}\b[^>]*-->\n).*?(<!-- end {re.escape(name)} -->)", re.DOTALL
    )
    filled, found = marks.subn(lambda m: f"{m[1]}\n{body.strip()}\n\n{m[2]}", text)
    if found != 1:
        raise ConfigError(
            f"found {found} sections between '<!-- begin {name}' and '<!-- end {name} -->', expected "
            "one; put the markers where the generated text belongs"
        )
    return filled


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table; bars in cells are escaped."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )
