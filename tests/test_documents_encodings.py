import pytest

from rag.documents.characters import normalise, unwrap_markup
from rag.documents.encodings import decode, decode_html
from rag.errors import InputError

FRENCH = "Le comité a voté vendredi. « Où est passé l’été ? », demande un élu. "
RUSSIAN = "Совет порта проголосовал в понедельник за углубление северного канала. " * 4
TURKISH = (
    "Liman kurulu pazartesi günü kuzey kanalının derinleştirilmesi için şimdi oy kullandı. " * 4
)
JAPANESE = "港湾委員会は月曜日、北側の航路を深くすることを決めた。工事は春に始まる。\n" * 4


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "utf-8"),
        (FRENCH, "utf-8-sig"),
        (FRENCH, "utf-16"),
        (FRENCH, "utf-16-le"),
        (FRENCH, "utf-16-be"),
        (FRENCH, "utf-32"),
        (FRENCH, "utf-32-le"),
        (FRENCH, "utf-32-be"),
        (FRENCH, "cp1252"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (TURKISH, "cp1254"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
        (JAPANESE, "iso2022_jp"),
        (JAPANESE, "utf-16"),
        ("", "utf-8"),
    ],
)
def test_text_is_decoded_without_losing_a_character(text, encoding):
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "data",
    [
        "Le comité a voté l’été".encode() + b"\xe2\x80",
        ("Déjà vu, répété, été. " * 3).encode() + b"\xff" + FRENCH.encode(),
        b"\xff\xfeH\x00\x00\xd8i\x00",
        b"caf\xe9 na\x95\xefve \x81",
    ],
    ids=["cut off", "one bad byte", "half a surrogate pair", "undefined in its code page"],
)
def test_text_that_cannot_be_decoded_for_sure_is_refused(data):
    with pytest.raises(InputError, match=r"not UTF|uncertain"):
        decode(data)


@pytest.mark.parametrize(
    "data", [b"a\0b\0\0c", b"\x7fELF\x01\x02\x03\x04", b"\x89PNG\r\n\x1a\n\0\0"]
)
def test_binary_is_refused(data):
    with pytest.raises(InputError, match="binary"):
        decode(data)


def test_a_page_is_read_in_the_encoding_it_declares():
    page = '<html><meta charset="iso-8859-7"><p>Το λιμάνι άνοιξε.</p></html>'
    assert decode_html(page.encode("iso-8859-7")) == page


def test_utf8_outranks_a_wrong_declaration():
    page = '<meta charset="iso-8859-1"><p>L’été à Orléans</p>'
    assert decode_html(page.encode()) == page


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("one\u00a0two\u202fthree", "one two three"),
        ("in\u200bvis\u00adible\ufeff \u202eleft\u202c", "invisible left"),
        ("bell\x07 and tab\t", "bell and tab\t"),
        ("e\u0301te\u0301", "été"),
        ("\ud83d\ude00", "😀"),
        ("half \ud83d", "half \ufffd"),
        ("می\u200cروم", "می\u200cروم"),
        ("pay\u200cload", "payload"),
    ],
)
def test_characters_are_brought_to_one_form(raw, clean):
    assert normalise(raw) == clean
    assert normalise(clean) == clean


def test_inline_markup_is_unwrapped_and_other_brackets_stay():
    assert unwrap_markup("a <u>line</u> &amp; <b class='x'>more</b>") == "a line & more"
    assert unwrap_markup("first<br/>second &amp;quot;") == 'first\nsecond "'
    assert unwrap_markup("5 < 6 and <name> at AT&T;") == "5 < 6 and <name> at AT&T;"
