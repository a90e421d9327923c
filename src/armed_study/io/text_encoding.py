"""From the bytes of a text file to its text: a byte order mark decides, then what was said, then UTF-8."""

import codecs
import csv
import io
from contextlib import suppress
from pathlib import Path

from armed.errors import DataError
from armed_study.source_files import check_readable

_MARKS = (  # longer ones first: that of UTF-32 begins as that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 65536  # bytes


def read_text_file(
    path: Path,
    encoding: str | None = None,
    fallback: str | None = None,
    *,
    adjustable: bool = False,
) -> str:
    """Return the text of a file.

    Parameters
    ----------
    path
        The file.
    encoding
        What it is written in unless a byte order mark says otherwise; None: UTF-8.
    fallback
        What it is written in if that does not fit; None: it is refused.
    adjustable
        Whether `data.source.encoding` of the configuration is the remedy.

    Raises
    ------
    DataError
        Bytes that are no such text, or that are no text at all.
    """
    check_readable(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}), expected a readable file; correct its "
            "permissions"
        ) from error
    found = next((name for mark, name in _MARKS if content.startswith(mark)), encoding or "utf-8")
    if encoding is None and found == "utf-8":
        _refuse_wide(path, content, adjustable)
    if encoding is not None and found == encoding:
        _refuse_utf8(path, content, encoding)
    try:
        text = content.decode(found)
    except UnicodeDecodeError as error:
        wide = found in ("utf-16", "utf-32")  # where a NUL byte says nothing
        if fallback is None and (wide or b"\0" not in content):
            raise _undecodable(path, content, error, found, adjustable) from error
        text = content.decode(fallback or "latin-1")
    if (at := text.find("\0")) >= 0:
        raise DataError(
            f"{path}: binary content, expected text (a NUL byte is in row {_row(text[:at])}); export "
            "the table as CSV"
        )
    return text


def _refuse_wide(path: Path, content: bytes, adjustable: bool) -> None:
    """Refuse UTF-16 without a mark: half of the bytes of plain letters are NUL."""
    head = content[:_LOOKED_AT]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 5 <= len(head) or min(even, odd) * 20 > max(even, odd):
        return
    name = "utf-16-le" if odd > even else "utf-16-be"
    remedy = f", or set data.source.encoding: {name}" if adjustable else ""
    raise DataError(
        f"{path}: UTF-16 without a byte order mark (every other byte is NUL), expected UTF-8; save "
        f"it as CSV UTF-8{remedy}"
    )


def _refuse_utf8(path: Path, content: bytes, encoding: str) -> None:
    """Refuse UTF-8 that is said to be something else: other text that is valid UTF-8 is hardly ever met."""
    name = codecs.lookup(encoding).name
    wide = name.startswith(("utf-16", "utf-32"))  # where commas and ends of lines have NUL bytes
    if b"\0" in content if wide else name.startswith("utf") or content.isascii():
        return
    with suppress(UnicodeDecodeError):
        content.decode("utf-8")
        raise DataError(
            f"{path}: is UTF-8 by its bytes, expected {encoding} as data.source.encoding says; leave "
            "data.source.encoding out"
        )


def _undecodable(
    path: Path, content: bytes, error: UnicodeDecodeError, encoding: str, adjustable: bool
) -> DataError:
    row = _row(content[: error.start].decode(encoding, errors="ignore"))
    name = encoding.upper().removesuffix("-SIG")
    remedy = ", or set data.source.encoding to what it is in, such as cp1252" if adjustable else ""
    return DataError(
        f"{path}: row {row} holds the byte 0x{content[error.start]:02X} (byte {error.start}), "
        f"which is not {name}, expected {name} text; save it as CSV UTF-8{remedy}"
    )


def _row(before: str) -> int:
    """Row, as a spreadsheet counts them, of what comes after some text."""
    return sum(1 for _ in csv.reader(io.StringIO(before + "x", newline="")))
