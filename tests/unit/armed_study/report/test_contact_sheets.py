"""The contact sheets hold every scan, the doubtful ones first, and nothing that is not in the page."""

import base64
import io
import itertools
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from armed_study.io.schemas import TABLES
from armed_study.io.tables import cast_table
from armed_study.report import contact_sheets
from armed_study.report.contact_sheets import draw_contact_sheets, list_checks
from armed_study.report.tables import MOST_BYTES, to_html

ABOUT = {"title": "AD or CN", "origin": "generated images"}
STATUS = {"sub-03_a": ("flagged", "no sidecar"), "sub-04_a": ("failed", "truncated <gzip>")}


@pytest.fixture
def qc():
    rows = []
    for who, session in [(f"sub-{n:02d}", s) for n in range(1, 9) for s in "ab"]:
        row = dict.fromkeys(TABLES["qc"].names, np.nan)
        status, reason = STATUS.get(f"{who}_{session}", ("ok", ""))
        row |= {"sample": f"{who}_{session}", "participant": who, "session": session}
        row |= {"status": status, "reason": reason, "usable": status != "failed", "space": "mni"}
        rows.append(row | {"brain": "given", "manufacturer": "GE", "scanner": None})
    return cast_table(pd.DataFrame(rows), "qc")


@pytest.fixture
def people():
    """Participant 6 is left out, 7 has no site, 8 is not listed."""
    names = [f"sub-{n:02d}" for n in range(1, 8)]
    sites = ["10", "10", "9", "9", "<b>", "<b>", None]
    reasons = ["", "", "", "", "", "diagnosis changes", "no site"]
    return pd.DataFrame({"participant": names, "site": sites, "reason": reasons})


@pytest.fixture
def folders(qc, tmp_path):
    """Pictures in two folders, each with a grey of its own."""
    for number, sample in enumerate(qc["sample"]):
        folder = tmp_path / f"part{number % 2}"
        folder.mkdir(exist_ok=True)
        Image.new("RGB", (384, 192), (10 * number,) * 3).save(folder / f"{sample}.png")
    return sorted(tmp_path.iterdir())


@pytest.fixture
def draw(people, folders):
    """The page of some checks of these people."""
    return lambda qc: draw_contact_sheets(list_checks(qc, people), folders, **ABOUT)


@pytest.fixture
def page(draw, qc):
    return draw(qc)


def sections(page):
    """Heading and samples of each section, in the order of the page."""
    parts = re.findall(r"<section.*?</section>", page, re.DOTALL)
    return {
        re.search(r"<h2>(.*?)<small>", part)[1]: re.findall(r"<figcaption>(\S+)", part)
        for part in parts
    }


def test_checks_are_listed_by_site_with_failed_and_flagged_scans_first(qc, people):
    checks = list_checks(qc, people)
    sites = list(dict.fromkeys(checks["site"]))
    assert sites == ["9", "10", "<b>", "no site", "not in participants.tsv"]
    assert checks["sample"].tolist()[:4] == ["sub-04_a", "sub-03_a", "sub-03_b", "sub-04_b"]
    assert len(checks) == len(qc)
    left_out = checks.set_index("sample")["left_out"]
    assert left_out["sub-06_a"] == "diagnosis changes"
    assert left_out["sub-08_b"] == "not in participants.tsv"
    assert (left_out["sub-01_a":"sub-05_b"].sort_index() == "").all()
    assert set(checks.columns) == {*qc.columns, "site", "left_out"} - {"participant", "session"}
    assert "diagnosis changes" in to_html(checks, title="Checks")


def test_every_scan_is_shown_with_its_picture_under_its_site(page, qc):
    shown = sections(page)
    assert list(shown) == ["9", "10", "&lt;b&gt;", "no site", "not in participants.tsv"]
    assert shown["9"] == ["sub-04_a", "sub-03_a", "sub-03_b", "sub-04_b"]
    assert sorted(itertools.chain(*shown.values())) == sorted(qc["sample"].astype(str))
    pictures = re.findall(r'src="data:image/webp;base64,(\S+?)"><figcaption>(\S+)', page)
    assert len(pictures) == len(qc)
    assert page.count("src=") == len(qc)
    assert "http" not in page
    number = {str(sample): n for n, sample in enumerate(qc["sample"])}
    for content, sample in pictures:
        with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
            assert picture.size == (240, 120)
            assert np.asarray(picture).mean() == pytest.approx(10 * number[sample], abs=2)


def test_doubtful_scans_are_framed_with_their_reasons_and_counted_at_the_head(page):
    assert re.search(
        r'<figure class="failed">.*?sub-04_a <b>failed</b>: truncated &lt;gzip&gt;', page
    )
    assert re.search(r'<figure class="flagged">.*?sub-03_a <b>flagged</b>: no sidecar', page)
    assert "sub-06_a <b>ok</b>: not used: diagnosis changes" in page
    head = re.search(r'<tr><td><a href="#site-1">9</a>.*?</tr>', page)[0]
    assert re.findall(r"<td(?: class=\"some\")?>(\d)</td>", head) == ["4", "2", "1", "1"]
    assert "16 scans: 14 ok, 1 flagged, 1 failed" in page
    assert set(re.findall(r'href="#(.*?)"', page)) == set(re.findall(r'<section id="(.*?)"', page))


def test_page_is_whole_and_what_users_write_is_no_markup(page):
    class Balance(HTMLParser):
        open: list[str] = []  # noqa: RUF012

        def handle_starttag(self, tag, attrs):
            if tag not in ("meta", "img"):
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    parser = Balance()
    parser.feed(page)
    assert parser.open == []
    assert "<b>," not in page


def test_of_many_scans_the_doubtful_ones_are_shown_and_the_rest_counted(draw, qc, monkeypatch):
    monkeypatch.setattr(contact_sheets, "MOST_PICTURES", 10)
    page = draw(qc)
    shown = sections(page)
    assert {len(samples) for samples in shown.values()} == {2}
    assert shown["9"] == ["sub-04_a", "sub-03_a"]
    assert "2 further scans not shown, 0 of them flagged or failed" in page
    monkeypatch.setattr(contact_sheets, "MOST_PICTURES", len(shown))
    page = draw(qc)
    assert "3 further scans not shown, 1 of them flagged or failed" in page


def test_page_of_many_scans_stays_small_enough_for_a_report(people, tmp_path):
    noise = np.random.default_rng(0).integers(60, 190, (192, 384, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "scan.png")  # compresses worse than a brain does
    (tmp_path / "all").mkdir()
    rows = {"participant": "sub-01", "session": "a", "status": "ok", "reason": "", "usable": True}
    rows |= {"space": "mni", "brain": "given"}
    names = [f"sub-01_{n}" for n in range(300)]
    for name in names:
        (tmp_path / "all" / f"{name}.png").symlink_to(tmp_path / "scan.png")
    qc = pd.DataFrame({"sample": names, **rows}).reindex(columns=TABLES["qc"].names)
    checks = list_checks(cast_table(qc, "qc"), people)
    page = draw_contact_sheets(checks, [tmp_path / "all"], **ABOUT)
    shown = page.count("<figure")
    assert 20 < shown < 300
    assert f"{300 - shown} further scans not shown" in page
    assert 0.98 * MOST_BYTES < len(page) < MOST_BYTES  # as many as fit


def test_scans_without_manufacturer_are_from_an_unknown_one(draw, qc):
    assert "<td>unknown</td>" in draw(qc.assign(manufacturer=None))
