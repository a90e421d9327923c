"""The text of a figure, and where it collides; tables as they come from a file."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text


def texts(figure: Figure) -> str:
    return "\n".join(text.get_text().replace("\n", " ") for text in figure.findobj(Text))


def coded(frame: pd.DataFrame) -> pd.DataFrame:
    """Text as categories, as tables are when they are read from a file."""
    text = frame.select_dtypes(exclude=["number", "bool"]).columns
    return frame.astype(dict.fromkeys(text, "category"))


def painted(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> list[Text]:
    """What is really painted of a figure that has been laid out."""
    found: dict[int, Text] = {}
    draw = Text.draw

    def noted(text: Text, renderer: RendererBase, *args: object, **kwargs: object) -> None:
        found[id(text)] = text
        draw(text, renderer, *args, **kwargs)

    monkeypatch.setattr(Text, "draw", noted)
    FigureCanvasAgg(figure).draw()
    return [text for text in found.values() if text.get_visible() and text.get_text().strip()]


def refuse_collisions(figure: Figure, shown: list[Text]) -> None:
    """Fail where a text leaves the figure or crosses another."""
    frames = [text.get_window_extent().padded(-1.5) for text in shown]
    for place, (text, frame) in enumerate(zip(shown, frames, strict=True)):
        assert figure.bbox.fully_contains(frame.x0, frame.y0), text
        assert figure.bbox.fully_contains(frame.x1, frame.y1), text
        crossed = [shown[n] for n, other in enumerate(frames[:place]) if frame.overlaps(other)]
        assert not crossed, (text, crossed)
