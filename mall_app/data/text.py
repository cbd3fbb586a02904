"""From bytes to UTF-8 text, and a plain refusal of what is not text."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from mall_app.errors import DataError

_OTHER_FORMATS = (
    (b"PK\x03\x04", "an Excel workbook (.xlsx) or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh91AY", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF89a", "a GIF picture"),
    (b"GIF87a", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"{\\rtf", "an RTF document"),
)
_HTML = re.compile(rb"\s*<(!doctype|html|head|body|table)\b", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml\b", re.IGNORECASE)
_JSON = re.compile(rb"\s*(\{|\[\s*[\[{\]])")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TEXT_CONTROLS = b"\t\n\v\f\r\x1a"
_CONTROLS = bytes(code for code in range(32) if code not in _TEXT_CONTROLS)
_NOT_CONTROLS = bytes(code for code in range(256) if code not in _CONTROLS)


@dataclass(frozen=True)
class Text:
    """A table as UTF-8 bytes without a byte order mark.

    Parameters
    ----------
    data : bytes
        The text.
    encoding : str
        The encoding it had.
    notes : tuple of str
        What a reader should know about how the encoding was found.
    """

    data: bytes
    encoding: str
    notes: tuple[str, ...] = ()


def as_text(content: bytes | str) -> Text:
    """Find the encoding of `content` and give it as UTF-8.

    UTF-8 and the byte order marks of UTF-8, UTF-16 and UTF-32 are recognised; any other bytes
    are Latin-1, or Windows-1252 when they use its printable characters between 0x80 and 0x9f.

    Raises
    ------
    DataError
        It is empty, of another format (which is named), or not text.
    """
    if isinstance(content, str):
        text = Text(_encoded(content), "text")
    else:
        _refuse_other_format(content)
        text = _decoded(content)
    text = Text(text.data.removeprefix(codecs.BOM_UTF8), text.encoding, text.notes)
    if not text.data.strip(b" \t\r\n\x1a"):
        raise DataError("The table is empty: it holds no text at all.")
    _refuse_markup(text.data)
    _refuse_control_characters(text.data)
    return text


def _encoded(content: str) -> bytes:
    try:
        return content.encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"The text holds {content[error.start]!r} at character {error.start + 1}, which is "
            "half of a character: open the file as binary, and its encoding will be found."
        ) from error


def _decoded(content: bytes) -> Text:
    if content.startswith(codecs.BOM_UTF8) and _is_utf8(content):
        return Text(content, "utf-8 with byte order mark")
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return Text(_recoded(content, encoding), encoding)
    if _is_utf8(content):
        return Text(content, "utf-8")
    encoding = _single_byte_encoding(content)
    note = f"The bytes are not UTF-8, so they were read as {encoding}: look at accented letters."
    return Text(_recoded(content, encoding), encoding, (note,))


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _single_byte_encoding(content: bytes) -> str:
    if not content.translate(None, bytes(range(0x80)) + bytes(range(0xA0, 0x100))):
        return "latin-1"
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:  # five bytes stand for nothing in Windows-1252
        return "latin-1"
    return "windows-1252"


def _recoded(content: bytes, encoding: str) -> bytes:
    try:
        return content.decode(encoding).encode()
    except UnicodeError as error:
        raise DataError(
            f"The file starts with the byte order mark of {encoding}, but its bytes are not."
        ) from error


def _refuse_other_format(content: bytes) -> None:
    for magic, name in _OTHER_FORMATS:
        if content.startswith(magic):
            raise DataError(f"This is {name}, not a CSV file: export the table as CSV first.")


def _refuse_markup(data: bytes) -> None:
    for pattern, name in ((_HTML, "an HTML page"), (_XML, "an XML document"), (_JSON, "JSON")):
        if pattern.match(data):
            raise DataError(f"This is {name}, not a CSV file: export the table as CSV first.")


def _refuse_control_characters(data: bytes) -> None:
    found = data.translate(None, _NOT_CONTROLS)
    if not found:
        return
    position = data.index(found[:1])
    line = data.count(b"\n", 0, position) + 1
    name = "a NUL byte" if found[0] == 0 else f"the control character 0x{found[0]:02x}"
    raise DataError(f"Line {line} holds {name}: this is binary data, not the text of a CSV file.")
