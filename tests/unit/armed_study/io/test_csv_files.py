import os
import warnings

import pytest

from armed.errors import ArmedWarning, DataError
from armed_study.io.csv_files import TextForm, read_rows
from refusals import refused

ROWS = [["site", "age"], ["Zürich", "31"], ["Köln", "42"]]
ADJUSTABLE = TextForm(adjustable=True)


def text(separator=",", end="\n", rows=ROWS):
    return "".join(separator.join(row) + end for row in rows)


def read(tmp_path, content, form=ADJUSTABLE):
    path = tmp_path / "t.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    frame, names = read_rows(path, form)
    assert names == frame.columns.tolist()
    return frame


def refusal(tmp_path, content, form=ADJUSTABLE):
    with refused(r"t\.csv", DataError) as caught:
        read(tmp_path, content, form)
    return str(caught.value)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1", "utf-16-be"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_same_fields_are_read_from_every_encoding(tmp_path, encoding, end):
    marked = encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32")
    form = ADJUSTABLE if marked else TextForm(encoding=encoding)
    frame = read(tmp_path, text(end=end).encode(encoding), form)
    assert frame.values.tolist() == ROWS[1:]
    assert frame.index.tolist() == [2, 3]


def test_a_byte_order_mark_decides_against_what_was_said(tmp_path):
    frame = read(tmp_path, text().encode("utf-8-sig"), TextForm(encoding="cp1252"))
    assert frame["site"].tolist() == ["Zürich", "Köln"]


def test_utf8_that_is_said_to_be_another_encoding_is_refused(tmp_path):
    for encoding in ("cp1252", "latin-1", "shift_jis"):
        with refused("is UTF-8 by its bytes, expected .*leave data.source.encoding out", DataError):
            read(tmp_path, text(), TextForm(encoding=encoding))
    with refused("is UTF-8 by its bytes, expected utf-16-le", DataError):
        read(tmp_path, "a,b\n1,2\n", TextForm(encoding="utf-16-le"))
    plain = [["site", "age"], ["Z", "31"]]
    assert len(read(tmp_path, text(rows=plain), TextForm(encoding="cp1252"))) == 1
    assert len(read(tmp_path, text(), TextForm(encoding="UTF8"))) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (text().encode("cp1252"), "row 2 holds the byte 0xFC .* not UTF-8, .*source.encoding .*cp1252"),
        (b'a,b\n"x\ny",1\n\xe9,2\n', "row 3 holds the byte 0xE9"),
        (text().encode("utf-16-le"), "UTF-16 without a byte order mark .*data.source.encoding: utf-16-le"),
        (text().encode("utf-16-be"), "UTF-16 without a byte order mark .*data.source.encoding: utf-16-be"),
        (text().encode("utf-16")[:-1], "not UTF-16"),
        (b"a,b\n1,2\n1,\0\n", "binary content, expected text .a NUL byte is in row 3"),
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "the file is empty"),
    ],
)  # fmt: skip
def test_bytes_that_are_no_utf8_text_are_named(tmp_path, content, words):
    with refused(words, DataError):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("separator", "name", "setting"),
    [(";", "semicolons", '";"'), ("\t", "tabs", '"\\t"'), ("|", "bars", '"|"'), (" ", "blanks", '" "')],
)  # fmt: skip
def test_another_separator_is_named_and_can_be_set(tmp_path, separator, name, setting):
    message = refusal(tmp_path, text(separator))
    assert f"separated by {name}, expected commas; set data.source.separator: {setting}" in message
    assert "data.source" not in refusal(tmp_path, text(separator), TextForm())
    assert read(tmp_path, text(separator), TextForm(separator)).values.tolist() == ROWS[1:]
    assert "separated by commas, expected tabs" in refusal(tmp_path, text(), TextForm("\t"))


def test_decimal_commas_are_named_with_the_separator(tmp_path):
    rows = [["site", "age"], ["a", "31,5"], ["b", "42,0"]]
    assert 'separator: ";" and data.source.decimal: ","' in refusal(tmp_path, text(";", rows=rows))
    rows = [["site, city", "age"], ["a", "31"], ["b", "42"]]
    assert "separated by semicolons" in refusal(tmp_path, text(";", rows=rows))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n1\n1,2,3\n", r"row 3 has 1 field .1 more rows differ., expected 2 as in the header"),
        ('a,b\n"x\n\ny",2\n\n1,2,3\n', r"row 4 has 3 fields, expected 2"),
        ("a,b\n1,2,3\n2,2,3\n", "every row has 3 fields and the header 2, .*col.names=NA"),
        ('a,b\n1,2\n"1,2\n3,4\n', "cannot be read as CSV from row 3 on"),
        ('a,b\n1,2\n"1"x,2\n', "cannot be read as CSV from row 3 on"),
        ("a,b , b\n1,2,3\n", "names column 'b' more than once"),
        ("a,b\n1,2,\n3,4,\n", "header 2, .*; remove the separator at the end of each row"),
        ("# made in 2024\na,b\n1,2\n", "every row has 2 fields and row 1 1 .'# made in 2024'..*above"),
        ("My table, 2024\na,b,c,d\n1,2,3,4\n", "4 fields and row 1 2 .'My table', '2024'..*remove"),
    ],
)  # fmt: skip
def test_a_table_that_is_not_rectangular_is_refused_by_its_row(tmp_path, content, words):
    with refused(words, DataError):
        read(tmp_path, content)


def test_blank_rows_are_free_at_the_end_and_counted_elsewhere(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(read(tmp_path, text() + "\n, \n,,,\n")) == 2
    with pytest.warns(ArmedWarning, match=r"2 blank rows .* the first row 2"):
        frame = read(tmp_path, "a,b\n\n,\n1,2\n3,4\n")
    assert frame.index.tolist() == [4, 5]
    assert frame["a"].tolist() == ["1", "3"]


def test_fields_are_kept_as_they_are_written(tmp_path):
    frame = read(tmp_path, 'a,b\n"x ""y"", z","1\n2"\nNA, "q, r"\n007,1e5\n')
    assert frame.values.tolist() == [['x "y", z', "1\n2"], ["NA", "q, r"], ["007", "1e5"]]


def test_a_file_that_nobody_may_read_is_named(tmp_path, monkeypatch):
    def denied(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", denied)
    with refused(r"t\.csv: cannot be read .Permission denied", DataError):
        read_rows(tmp_path / "t.csv", ADJUSTABLE)


def test_a_pointer_in_place_of_a_table_is_refused_and_a_pipe_not_waited_for(tmp_path):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0a\nsize 9\n"
    assert "a pointer of git LFS" in refusal(tmp_path, pointer)
    os.mkfifo(tmp_path / "pipe.csv")
    with refused(r"pipe\.csv: a pipe, socket or device"):
        read_rows(tmp_path / "pipe.csv", ADJUSTABLE)
