"""Figure of how images and diagnosis differ between sites, by manufacturer."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.messages import counted
from armed_study.studies.ad_mri.scans.manufacturers import SEVERAL, UNKNOWN, order_manufacturers
from armed_study.vocabulary.measures import (
    ALL_SITES,
    MANUFACTURER,
    SCAN_MEASURES,
    SHARE_OF_AD,
    SITE,
)

FIGURE = {
    "label": "Differences between sites",
    "title": "differences between sites",
    "nothing": "No site has an image.",
    "section": "Data",
    "kinds": ("ad_mri",),
    "reads": {"site_differences": "study"},
    "finding": """
{% if look.has('site_differences', block='seen', level='all sites', metric='raw_mean') %}Sites
explain a share of {{ look.value('site_differences', 'sites_explain', block='seen',
level='all sites', metric='raw_mean') }} of the variance of the raw brightness between subjects of
seen sites, and of {{ look.value('site_differences', 'sites_explain', block='seen',
level='all sites', metric='intensity') }} once images are scaled.{% endif %}
""",
    "caption": """
**Differences between the sites of {name}**, seen sites left, unseen ones right, by
manufacturer. Dots: means over the subjects of a site, each a mean over its scans, with 95 % t
intervals; bars: mean over a manufacturer's sites. The share of the variance between subjects
that lies between sites (intraclass correlation) stands above each panel. (a, b) The brain in
the slice before any scaling, in the units of the file: its mean, and its standard deviation
divided by the mean. (c, d) Mean and standard deviation of the brain in the image that networks
get. That image is scaled to its own percentiles, so that these no longer tell of the scanner's
units, only of the histogram's shape. (e) Edge contrast: root mean square of the gradient within
12 mm of the slice's point in the right hippocampus (a square), divided by the mean of the
brain; pixels next to the edge of the brain are left out. It depends on the number of pixels of
the image. (f) Share of subjects with AD, with Wilson's interval, and that of each manufacturer:
where it differs between manufacturers, a network can tell the diagnosis from the scanner. All
numbers stand in the table.
""",
}
_LABELS = {
    "raw_mean": "Mean before\nscaling, units\nof the file",
    "raw_contrast": "Contrast\nbefore scaling\n(s.d. / mean)",
    "intensity": "Mean of the\nscaled image",
    "contrast": "Contrast of the\nscaled image\n(s.d.)",
    "edge_contrast": "Edge contrast at\nhippocampus,\n% of mean per mm",
    SHARE_OF_AD: "Share of AD",
}
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#7A6A00", "#56B4E9")
_LAST = "#666666"  # of `several` and `unknown`, and of further manufacturers
_BETWEEN = 1.0  # sites that would fit between two manufacturers
_MOST_NAMED = 60
_PANEL = 0.95  # inches


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a row of panels for each measure, seen sites left, unseen ones right."""
    sites = table[table["level"] == SITE]
    blocks = [block for block in ("seen", "unseen") if (sites["block"] == block).any()]
    if not blocks:
        return heading.note(FIGURE["nothing"])
    places = {block: _places(sites[sites["block"] == block]) for block in blocks}
    widths = [max(len(places[block]), 8) for block in blocks]
    metrics = [name for name in (*SCAN_MEASURES, SHARE_OF_AD) if (sites["metric"] == name).any()]
    figure, body = heading.canvas(len(metrics) * _PANEL + 0.9)  # fmt: skip
    axes = body.subplots(len(metrics), len(blocks), squeeze=False, sharex="col", sharey="row",
                         width_ratios=widths)  # fmt: skip
    colours = _colours(sites["manufacturer"])
    for line, metric in zip(axes, metrics, strict=True):
        for axis, block in zip(line, blocks, strict=True):
            rows = table[(table["metric"] == metric) & (table["block"] == block)]
            _draw_panel(axis, rows, places[block], colours, metric)
        line[0].set_ylabel(_LABELS[metric], size=7)
        _scale(line[0], metric, sites.loc[sites["metric"] == metric, "value"])
    for axis, low, block in zip(axes[0], axes[-1], blocks, strict=True):
        _name(axis, low, table[table["block"] == block], places[block], block)
    for index, axis in enumerate(axes[:, 0]):
        style.letter(axis, index)
    body.align_ylabels(axes[:, 0])
    style.legend(body, _entries(colours), columns=6)
    return figure


def _places(sites: pd.DataFrame) -> dict[str, float]:
    """Where each site stands: by manufacturer, with room between these."""
    known = sites[["manufacturer", "cluster"]].drop_duplicates()
    places: dict[str, float] = {}
    at = 0.0
    for maker in order_manufacturers(known["manufacturer"]):
        for site in known.loc[known["manufacturer"] == maker, "cluster"]:
            places[str(site)] = at
            at += 1
        at += _BETWEEN
    return places


def _colours(makers: pd.Series) -> dict[str, str]:
    names = order_manufacturers(makers)
    own = iter(_COLOURS)
    return {name: _LAST if name in (SEVERAL, UNKNOWN) else next(own, _LAST) for name in names}


def _draw_panel(
    axis: Axes,
    rows: pd.DataFrame,
    places: Mapping[str, float],
    colours: Mapping[str, str],
    metric: str,
) -> None:
    factor = 100 if metric == "edge_contrast" else 1
    for maker, part in rows[rows["level"] == SITE].groupby("manufacturer"):
        place = part["cluster"].astype(str).map(places).to_numpy()
        value, low, high = (part[name].to_numpy() * factor for name in ("value", "low", "high"))
        axis.vlines(place, low, high, color=colours[maker], lw=0.9, alpha=0.7)
        axis.plot(place, value, "o", ms=2.8, color=colours[maker])
        whole = rows[(rows["level"] == MANUFACTURER) & (rows["manufacturer"] == maker)].iloc[0]
        ends = (place.min() - 0.45, place.max() + 0.45)
        axis.hlines(whole["value"] * factor, *ends, color=colours[maker], lw=2.4, alpha=0.35)
        if metric == SHARE_OF_AD:
            said = f"{whole['value']:.0%}\nof {whole['subjects']}".replace("%", " %")
            axis.text((ends[0] + ends[1]) / 2, 1.08, said, ha="center", va="bottom", size=6,
                      color=colours[maker])  # fmt: skip
    if metric != SHARE_OF_AD:
        share = rows.loc[rows["level"] == ALL_SITES, "sites_explain"].iloc[0]
        if share == share:
            said = "> 99 %" if 0.995 <= share < 1 else f"{share:.0%}".replace("%", " %")
            axis.annotate(f"{said} of the variance between sites", (1, 1),
                          xycoords="axes fraction", xytext=(0, 1), textcoords="offset points",
                          ha="right", va="bottom", size=6, color=style.FAINT)  # fmt: skip
    axis.grid(axis="y")


def _scale(axis: Axes, metric: str, values: pd.Series) -> None:
    if metric == SHARE_OF_AD:
        axis.set(ylim=(-0.03, 1.5), yticks=(0, 0.5, 1))
    elif metric == "raw_mean" and (values > 0).all() and values.max() > 5 * values.min():
        axis.set_yscale("log")
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
        axis.yaxis.set_major_formatter("{x:,.0f}")
        axis.yaxis.set_minor_formatter(NullFormatter())


def _name(
    top: Axes, bottom: Axes, rows: pd.DataFrame, places: Mapping[str, float], block: str
) -> None:
    whole = rows[(rows["level"] == ALL_SITES) & (rows["metric"] == SHARE_OF_AD)].iloc[0]
    sites = counted(whole["sites"], f"{block} site")
    top.set_title(f"{sites}, {counted(whole['subjects'], 'subject')}", size=8, pad=11)
    named = len(places) <= _MOST_NAMED
    bottom.set_xticks(list(places.values()) if named else [], list(places) if named else [],
                      rotation=90, size=6)  # fmt: skip
    bottom.set_xlim(-0.8, max(places.values()) + 0.8)
    bottom.set_xlabel("Site, by manufacturer", size=7.5)


def _entries(colours: Mapping[str, str]) -> style.Entries:
    look = {"color": style.FAINT, "lw": 2.4, "alpha": 0.5}
    return [
        *(
            style.entry(name, marker="o", ms=2.8, lw=0.9, color=one)
            for name, one in colours.items()
        ),
        style.entry("mean of the manufacturer's sites", **look),
    ]
