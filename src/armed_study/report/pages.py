"""HTML pages from the templates of this folder; text in them is escaped, and they need no network."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

#: Browsers open nothing larger (2 MB as base64) from inside another page, as a report does.
MOST_BYTES = 1_500_000


@cache
def template(name: str) -> Template:
    """Load a template by the name of its file."""
    environment = Environment(
        loader=PackageLoader("armed_study.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    return environment.get_template(name)
