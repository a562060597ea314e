import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.attribution import attribute
from rag.cast import is_surely_person
from rag.sentences import split_sentences
from rag.types import Document


def read(text):
    document = Document("a", text)
    sentences = split_sentences(text)
    return document, sentences, attribute(document, sentences)


def speakers(text):
    return [said.speaker if said else None for said in read(text)[2]]


@pytest.mark.parametrize(
    ("text", "speaker", "verb"),
    [
        ('"The pier is closed," said Ada Quill.', "Ada Quill", "say"),
        ('"The pier is closed," harbour master Ada Quill said.', "Ada Quill", "say"),
        ("The pier is closed, according to Ada Quill, who runs it.", "Ada Quill", "say"),
        (
            "Ada Quill, an engineer at the Institute of Piers, said it is closed.",
            "Ada Quill",
            "say",
        ),
        ("Her chief of staff, Ada Quill, said the pier is closed.", "Ada Quill", "say"),
        ('Mayor Ada Quill came, stating that: "The pier is closed."', "Ada Quill", "state"),
        ("“The pier is closed.” – Chief engineer Ada Quill", "Ada Quill", "say"),
        ("The Harbour Times reported that the pier is closed.", "The Harbour Times", "report"),
        ("Japan has denied closing the pier.", "Japan", "deny"),
        ("American experts strongly believe that it is closed.", "American experts", "believe"),
        (
            "A study by the Center for Piers reveals that it is closed.",
            "Center for Piers",
            "reveal",
        ),
        (
            "A senior official in the town has confirmed it.",
            "A senior official in the town",
            "confirm",
        ),
    ],
)
def test_the_speaker_and_the_verb_of_a_report_are_found(text, speaker, verb):
    said = read(text)[2][0]
    assert (said.speaker, said.verb, said.explicit) == (speaker, verb, True)


@pytest.mark.parametrize(
    "text",
    [
        "The pier is closed.",
        "The pier is said to be closed.",
        "Reportedly, the pier is closed.",
        "Several western states closed their piers.",
        'Ada Quill opened the so-called "long pier" in spring.',
        "People accused of theft were let go.",
    ],
)
def test_what_nobody_is_said_to_say_is_the_authors_voice(text):
    assert speakers(text) == [None]


def test_a_surname_finds_the_full_name_and_where_it_stands():
    document, _, found = read("Engineer Ada Quill came.\n\nQuill said the pier is closed.")
    said = found[1]
    assert said.speaker == "Ada Quill"
    assert document.text[said.speaker_start : said.speaker_end] == "Ada Quill"


def test_a_surname_that_two_persons_share_stays_a_surname():
    text = "Ada Quill and Ben Quill came.\n\nQuill said the pier is closed."
    assert speakers(text)[1] == "Quill"


def test_a_pronoun_is_the_person_who_spoke_last():
    text = (
        '"It is closed," said Ada Quill.\n\n"It stays so," she told the Harbour Times.\n\n'
        'Ben Ross disagreed with this. "It opens," Ben Ross said.\n\n"Soon," he added.'
    )
    assert speakers(text) == ["Ada Quill", "Ada Quill", None, "Ben Ross", "Ben Ross"]


def test_a_pronoun_without_anybody_before_it_has_no_speaker():
    assert speakers('"It is closed," he said.') == [None]


def test_every_sentence_of_a_quotation_has_its_speaker():
    text = '"It is closed. It was old. Nobody came," Ada Quill said. "It will be sold."'
    assert speakers(text) == ["Ada Quill"] * 4


def test_a_quotation_runs_on_into_paragraphs_of_its_own():
    text = 'Ada Quill said: "It is closed.\n\n"It was old.\n\n"It will be sold."\n\nIt rained.'
    assert speakers(text) == ["Ada Quill", "Ada Quill", "Ada Quill", None]


def test_a_statement_announced_with_a_colon_has_its_speaker():
    text = "Ada Quill issued the following note:\n\n“It is closed. It was old.”"
    assert speakers(text)[1:] == ["Ada Quill", "Ada Quill"]


def test_only_sentences_that_name_their_speaker_are_explicit():
    _, _, found = read('"It is closed," Ada Quill said. "It was old."')
    assert [said.explicit for said in found] == [True, False]


def test_words_inside_a_quotation_name_no_speaker():
    assert speakers('Ada Quill said: "Ben Ross said it was closed."') == ["Ada Quill"]


def test_a_newspaper_spoken_of_again_is_the_one_named_before():
    text = "The Harbour Times reported that it is closed. The newspaper also said it was old."
    assert speakers(text) == ["The Harbour Times", "The Harbour Times"]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("A spokesman for Ada Quill said the pier is closed.", "A spokesman for Ada Quill"),
        ("Critics of Ada Quill said the pier is closed.", "Critics of Ada Quill"),
        ("The rival of Ada Quill denied that the pier is closed.", None),
        ("Aides to Ada Quill told that the pier is closed.", None),
        ("Nobody who met Ada Quill believes that the pier is closed.", None),
        ("Neither Ross nor Quill said the pier is closed.", None),
        ("“The pier is closed,” said Ada Quill’s widow.", None),
        ("The pier is closed, according to Japan’s own charts.", "Japan"),
        ("The man whom Ada Quill said she had met is gone.", "Ada Quill"),
    ],
)
def test_a_name_that_only_belongs_to_the_speaker_is_not_the_speaker(text, speaker):
    assert speakers(text) == [speaker]


@pytest.mark.parametrize(
    "before", ["Japan", "The Pentagon", "The Quill Arms Inn", "The Penrose Port Council"]
)
def test_what_is_no_newspaper_by_its_name_is_not_the_newspaper(before):
    text = f"{before} said it is closed. The newspaper says it was old."
    assert speakers(text)[1] == "The newspaper"


def test_a_newspaper_that_only_is_named_is_the_one_that_is_spoken_of_next():
    told = "He told the Penrose Gazette that Quill Port Council paid."
    said = "Cy Dunn/Reuters The newspaper said it was late."
    assert speakers(f"{told} {said}")[-1] == "Penrose Gazette"


def test_a_name_behind_a_quotation_is_its_speaker_only_behind_a_dash():
    assert speakers("“It is closed.” Chief engineer Ada Quill") == [None, None]


def test_a_trailing_name_does_not_speak_the_sentences_outside_the_quotation():
    text = "“It is closed.” The pier was old. “It was leaking.” – Chief engineer Ada Quill"
    assert speakers(text)[:3] == ["Ada Quill", None, "Ada Quill"]


def test_the_answer_to_a_question_is_not_given_to_who_asked():
    assert speakers("Ada Quill asked: “Is it closed?”\n\n“It never was.”") == ["Ada Quill", None]


_FAR = "Two hundred miles to the north, in a wooden house above the harbour of Anstey, "


@pytest.mark.parametrize("named", ["Ada Quill keeps", "Professor Ada Quill has kept"])
def test_a_pronoun_is_who_does_something_far_behind_the_opening_of_a_sentence(named):
    text = f"{_FAR}{named} the old charts. “None of them is right,” she said."
    assert speakers(text) == [None, "Ada Quill"]


@pytest.mark.parametrize(
    "named",
    [
        "and Ada Quill keeps charts, Ben Ross draws them.",
        "there is a picture of Ada Quill by her son.",
        "Ada Quill and Ben Ross keep charts.",
    ],
)
def test_who_is_only_named_far_behind_the_opening_is_meant_by_no_pronoun(named):
    assert speakers(f"{_FAR}{named} “None of them is right,” she said.")[-1] is None


def test_a_pronoun_beside_a_quotation_is_the_person_who_opens_the_sentence():
    text = "“It is closed,” said Ben Ross. Ada Quill disagreed: “It never was,” she told him."
    found = read("Ada Quill and Ben Ross came. " + text)[2]
    assert [said.speaker if said else None for said in found[1:]] == ["Ben Ross", "Ada Quill"]


@pytest.mark.parametrize(
    "text",
    [
        "Ada Quill told Ben Ross that the pier is closed. “It was old,” he said.",
        "Ada Quill criticized Ben Ross. He said it was old.",
        "Ada Quill said Ben Ross closed it. “It was old,” he said.",
        "Ada Quill said it is closed. “I know,” she added. “It was old,” he said.",
        "Ada Quill came. She said Ben Ross closed it. “It was old,” he said.",
        "Ben Ross came. Ada Quill met Ben Ross: “It was old,” he said.",
        "Ada Quill's sister spoke. “It was old,” she said.",
    ],
)
def test_a_speaker_called_by_a_pronoun_that_may_be_another_is_nobody(text):
    assert speakers(text)[-1] is None


def test_who_spoke_of_another_goes_on_in_quotations_if_the_pronoun_was_theirs_before():
    text = (
        "Ada Quill came. “It is closed,” she said.\n\nQuill said Ben Ross runs it.\n\n"
        "“It was old,” she wrote."
    )
    assert speakers(text)[-1] == "Ada Quill"
    assert speakers(text.replace("she wrote", "he wrote"))[-1] is None
    assert speakers(text.replace("she wrote", "she replied"))[-1] is None


def test_a_quotation_behind_an_unknown_speaker_is_not_given_to_the_next():
    text = "Ada Quill told Ben Ross. “It is closed,” he said. “It was old.” Quill said it was not."
    assert speakers(text) == ["Ada Quill", None, None, "Ada Quill"]


PIECES = st.sampled_from(
    ['"', "“", "”", "Ada Quill", "said", "he", " ", " ", ", ", ". ", "\n\n", "according to", "that",
     "officials", ":", "–", "The Times", "it is closed"]
)  # fmt: skip


@given(st.lists(PIECES).map("".join) | st.text())
def test_any_text_is_attributed_sentence_by_sentence_with_true_offsets(text):
    _, sentences, found = read(text)
    assert len(found) == len(sentences)
    for said in found:
        if said:
            assert text[said.speaker_start : said.speaker_end] == said.speaker


@pytest.mark.parametrize(
    ("text", "name", "sure"),
    [
        ("Ada Quill runs the pier. Quill closed it on Monday.", "Ada Quill", True),
        ("Ada Quill runs the pier. Mrs. Quill closed it.", "Ada Quill", True),
        ("The pier is closed, says Mayor Ada Quill.", "Ada Quill", True),
        ("Ada Quill, 55, runs the pier.", "Ada Quill", True),
        ("Ada Quill, a docker, runs the pier.", "Ada Quill", True),
        ("Ada Quill runs the pier.", "Ada Quill", False),
        ("Costa Verde, a port, is closed. Ships lie in Costa Verde.", "Costa Verde", False),
        ("Pier Train runs again. Board the Train.", "Pier Train", False),
        ("San Quill is closed. Ben Quill runs it.", "San Quill", False),
    ],
)
def test_a_name_is_surely_a_persons_where_the_text_treats_it_so(text, name, sure):
    assert is_surely_person(text, name) is sure


@pytest.mark.parametrize("signed", ["”.Ada Quill", "”. Ada Quill", ".” Ada Quill", "!” Ada Quill"])
def test_a_signature_behind_a_full_stop_needs_no_dash(signed):
    found = speakers(f"“The pier is closed. It leaks{signed}, chief adviser to the Mayor of Quay")
    assert found[:2] == ["Ada Quill", "Ada Quill"]


@pytest.mark.parametrize(
    "rest",
    [
        "” Ada Quill, the cook, will not serve",  # the clause goes on
        ".” Ada Quill, the cook, is not amused.",
        ".” Quay, the town, is not amused",
        ".” Ada Quill is not amused",
    ],
)
def test_a_sentence_behind_a_quotation_is_no_signature(rest):
    assert speakers(f"“The pier is closed{rest}")[0] is None
