"""Turn bytes into text without losing a character, or say why that cannot be done."""

from __future__ import annotations

import codecs
import re

from rag.errors import InputError

# UTF-32's little-endian mark begins with UTF-16's, so it is tried first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]")
_DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^<>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]{2,30})", re.I
)
_SAMPLE_BYTES = 200_000
_CONTROL_SHARE = 0.02
_MULTIBYTE_LEGACY = ("cp932", "euc_jp", "gb18030", "big5", "cp949")
# What legacy text is written in; rarer code pages only draw guesses away from these.
_LEGACY = (
    *(f"cp125{number}" for number in range(9)),
    *("iso8859_2", "iso8859_5", "iso8859_7", "iso8859_9", "iso8859_15", "mac_roman"),
    *("koi8_r", "koi8_u", "cp866", "tis_620"),
    *_MULTIBYTE_LEGACY,
)
_MARGIN = 0.02
_SHIFTED = re.compile(rb"\x1b\$[@B(]")  # where ISO-2022 switches to Japanese
# The Latin letters and the typography of Western newspapers, where most legacy text comes from.
# Those of Icelandic are missing: their bytes are Turkish letters in Turkish text.
_WESTERN = re.compile(
    "[\u00c0-\u00cf\u00d1-\u00d6\u00d8-\u00dc\u00df-\u00ef\u00f1-\u00f6\u00f8-\u00fc\u00ff"
    "\u0152\u0153\u0178‘’“”‚„–—…•«»€£©®°§·¡¿ºª½¼\u00a0]"
)


def decode(data: bytes) -> str:
    """Decode by byte-order mark, as UTF-8, as unmarked UTF-16 or 32, or else by statistics.

    Raises InputError for binary data and for text whose encoding is uncertain.
    """
    marked = _marked_encoding(data)
    if marked:
        return _strict(data, marked)
    if b"\0" in data:
        return _strict(data, _wide_encoding(data))
    if len(_CONTROL.findall(data[:_SAMPLE_BYTES])) > _CONTROL_SHARE * len(data[:_SAMPLE_BYTES]):
        raise InputError("it looks binary, not text")
    if _SHIFTED.search(data[:_SAMPLE_BYTES]):
        return _strict(data, "iso2022_jp")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _decode_legacy(data, error)


def decode_html(data: bytes) -> str:
    """Decode a page: as ``decode``, but its own declaration comes before statistics."""
    declared = _DECLARED.search(data[:4096])
    if declared and not _marked_encoding(data) and not _is_utf8(data):
        try:
            return data.decode(_web_encoding(declared.group(1).decode("ascii")))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data)


def _marked_encoding(data: bytes) -> str | None:
    return next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)


def _web_encoding(label: str) -> str:
    # Browsers read these labels as Windows-1252, and pages are written for browsers.
    return "cp1252" if label.lower() in {"iso-8859-1", "latin1", "us-ascii", "ascii"} else label


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.upper().removesuffix("-SIG")
        raise InputError(
            f"byte {error.start} is not {name}, which the file claims to be"
        ) from error


def _wide_encoding(data: bytes) -> str:
    """Tell unmarked UTF-16 and UTF-32 by where the zero bytes of their ASCII characters fall."""
    sample = data[: _SAMPLE_BYTES - _SAMPLE_BYTES % 4]
    zeros = [sample[offset::4].count(0) for offset in range(4)]
    quarter = max(1, len(sample) // 4)
    if len(data) % 4 == 0 and min(zeros[2:]) > 0.9 * quarter and zeros[0] == 0:
        return "utf-32-le"
    if len(data) % 4 == 0 and min(zeros[:2]) > 0.9 * quarter and zeros[3] == 0:
        return "utf-32-be"
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if len(data) % 2 == 0 and even != odd and not min(even, odd):
        encoding = "utf-16-le" if odd else "utf-16-be"
        if _reads_as_text(sample, encoding):
            return encoding
    raise InputError("it looks binary, not text")


def _reads_as_text(sample: bytes, encoding: str) -> bool:
    """Whether all of it decodes, and most of it to letters, digits and white space."""
    text = sample.decode(encoding, "replace")
    if "\ufffd" in text[:-1]:
        return False
    plain = sum(character.isalnum() or character.isspace() for character in text)
    return plain > 0.7 * len(text)


def _decode_legacy(data: bytes, error: UnicodeDecodeError) -> str:
    """Decode text that is not UTF-8.

    A file with many good UTF-8 sequences and few bad bytes is damaged, not legacy: a single-byte
    code page would read all of it, and all of it wrong.
    """
    sample = data[:_SAMPLE_BYTES]
    good = _MULTIBYTE.findall(data)
    bad = len(_HIGH.findall(_MULTIBYTE.sub(b"", data)))
    if len(good) >= bad or (error.reason == "unexpected end of data" and good):
        raise InputError(
            f"byte {error.start} is not UTF-8, though the rest looks like it; is it cut off?"
        )
    encoding = "cp1252" if _is_western(sample) else _guess(sample)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as wrong:
        raise InputError(_UNCERTAIN) from wrong


_UNCERTAIN = "its encoding is uncertain; save it as UTF-8"


def _is_western(sample: bytes) -> bool:
    """Whether the few characters beyond ASCII are all Western letters or typography."""
    high = len(_HIGH.findall(sample))
    if high > 0.15 * len(sample):
        return False
    try:
        return len(_WESTERN.findall(sample.decode("cp1252"))) == high
    except UnicodeDecodeError:
        return False


def _guess(sample: bytes) -> str:
    """Return the encoding that statistics favour; raise InputError where they are not clear."""
    from charset_normalizer import from_bytes

    matches = list(from_bytes(sample, cp_isolation=list(_LEGACY)))
    if not matches:
        raise InputError(_UNCERTAIN)
    # Chaos is the share of implausible character sequences; coherence, how much the letters'
    # frequencies resemble a known language (always 0 for Chinese and Japanese).
    best = max(matches, key=lambda match: (match.coherence - match.chaos, match.multi_byte_usage))
    rivals = [
        match
        for match in matches
        if str(match) != str(best)
        and match.coherence - match.chaos > best.coherence - best.chaos - _MARGIN
    ]
    strict = best.encoding in _MULTIBYTE_LEGACY  # most byte strings are not even valid in these
    if rivals or best.chaos > 0.1 or (best.coherence < 0.3 and not strict):
        raise InputError(_UNCERTAIN)
    return best.encoding
