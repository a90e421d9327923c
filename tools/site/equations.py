"""Equations of the documentation as MathML, which browsers draw by themselves: no script, no network."""

from html import escape
from typing import Any

from docutils.nodes import SkipNode
from latex2mathml.converter import convert


def inline(writer: Any, node: Any) -> None:
    """Write an equation within a line."""
    writer.body.append(convert(node.astext(), display="inline"))
    raise SkipNode


def block(writer: Any, node: Any) -> None:
    """Write an equation that stands alone, with the place that a reference to it leads to."""
    place = f' id="{escape(node["ids"][0])}"' if node.get("ids") else ""
    equation = convert(node.astext(), display="block")
    writer.body.append(f'<div class="math" style="overflow-x: auto"{place}>{equation}</div>')
    raise SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Offer Sphinx the renderer ``mathml``."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
