"""Figures of the scorecard: the effect of every claim, in units of the smallest effect that matters."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing

_TITLE = "What holds"
_ABOUT = {"title": "", "nothing": "No claim could be tested by this run."}
COLUMNS = (
    "claim", "topic", "verdict", "kind", "expected", "relative", "relative_low", "relative_high",
)  # fmt: skip
_COLOURS = {"holds": "#2166AC", "does not hold": "#C0392B", "cannot be decided": "#8C8C8C"}
_LINE, _CLOSE = 0.145, 0.05  # height of a claim with and without its name, inches
_SIDE = 30  # smallest effects that are shown to each side; what lies beyond is drawn at the end


def shown(claims: pd.DataFrame) -> pd.DataFrame:
    """Keep the claims with an effect, those of a topic together."""
    tested = claims[claims["relative"].notna()]
    topics = list(dict.fromkeys(tested["topic"]))
    return tested.sort_values("topic", key=lambda own: own.map(topics.index), kind="stable")


def named(claims: pd.DataFrame) -> Figure:
    """Draw the claims with their names, in their order."""
    return draw(shown(claims), Heading(_TITLE))


def overview(claims: pd.DataFrame) -> Figure:
    """Draw the claims without their names, those of a topic by their effect."""
    table = shown(claims)
    of_topics = [
        rows.sort_values("relative", ascending=False, kind="stable")
        for _, rows in table.groupby("topic", sort=False)
    ]
    return draw(pd.concat(of_topics) if of_topics else table, Heading(_TITLE), names=False)


@drawing(_ABOUT, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading, *, names: bool = True) -> Figure:
    """Draw a line for each claim, topics below one another."""
    places, texts, at = [], [], 0.0
    step = 1.0 if names else _CLOSE / _LINE
    for topic, rows in table.groupby("topic", sort=False):
        texts.append((at, str(topic), True))
        own = [at + 1 + step * number for number in range(len(rows))]
        places += own
        if names:
            texts += [(at, str(name), False) for at, name in zip(own, rows["claim"], strict=True)]
        at = own[-1] + 1.4
    figure, body = heading.canvas(_LINE * at + 0.75)
    axis = body.subplots()
    axis.axvspan(-1, 1, color=style.FAINT, alpha=0.1, lw=0)
    axis.axvline(0, color=style.INK, lw=0.7)
    axis.axvline(1, **style.DASHED)
    for place, row in zip(places, table.to_dict("records"), strict=True):
        _draw_claim(axis, row, place, size=4.2 if names else 2.6)
    axis.set_xscale("asinh", linear_width=1)
    ticks = [-10, -3, -1, 0, 1, 3, 10]
    axis.set(xlim=(-_SIDE, _SIDE), ylim=(at, -0.8), yticks=[])
    axis.set_xticks(ticks, [f"{tick:g}".replace("-", "−") for tick in ticks], minor=False)
    axis.minorticks_off()
    axis.grid(visible=True, axis="x")
    axis.spines["left"].set_visible(False)
    axis.set_xlabel("Effect in units of the smallest that matters; to the right: as claimed")
    for place, name, is_topic in texts:
        _name(axis, place, name, is_topic=is_topic)
    style.legend(body, _entries(), columns=4)
    return figure


def _draw_claim(axis: Axes, row: dict, place: float, *, size: float) -> None:
    colour = _COLOURS[row["verdict"]]
    low, middle, high = (
        min(max(row[name], -_SIDE), _SIDE) for name in ("relative_low", "relative", "relative_high")
    )
    if low == low and high == high:
        axis.hlines(place, low, high, color=colour, lw=size / 3)
    face = colour if row["kind"] == "real" else "white"
    # A claim of nothing holds within the grey band, others to the right of it.
    marker = "s" if row["expected"] == "near" else "o"
    axis.plot([middle], [place], marker, ms=size, mec=colour, mfc=face, mew=1, clip_on=False)


def _name(axis: Axes, place: float, name: str, *, is_topic: bool) -> None:
    ground = {"fc": "white", "ec": "none", "pad": 0.6}
    look = {"weight": "bold", "bbox": ground} if is_topic else {"color": style.INK}
    axis.annotate(
        name if is_topic else name.replace("_", " "), (0, place),
        xycoords=axis.get_yaxis_transform(), xytext=(-118 if is_topic else -6, 0),
        textcoords="offset points", ha="left" if is_topic else "right", va="center", size=7, **look,
    )  # fmt: skip


def _entries() -> style.Entries:
    dot = {"ls": "", "ms": 4.2}
    entries = [
        style.entry(name, color=colour, marker="o", lw=1.4, ms=4.2)
        for name, colour in _COLOURS.items()
    ]
    ink = {"color": style.INK, "mec": style.INK}
    return [
        *entries,
        style.entry("claim of no effect", marker="s", **ink, **dot),
        style.entry("generated or permuted data", marker="o", mfc="white", **ink, **dot),
        style.entry("real data", marker="o", **ink, **dot),
        style.entry("smallest effect that matters", **style.DASHED),
    ]
