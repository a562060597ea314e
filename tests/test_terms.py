import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.terms import STOP_WORDS, content_words, fold, names_of, stem, stems_of, terms, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ferries", "ferry"),
        ("Agreements", "agreement"),
        ("café", "CAFE"),
        ("Kim’s troops", "kim troop"),
        ("the soldiers' pay", "soldiers pay"),
        ("Moscow", "Russian"),
        ("the Kremlin", "Russia"),
        ("DPRK", "North Koreans"),
        ("Pyongyang", "North Korea"),
        ("the U.S.", "America"),
        ("USA", "Washington"),
        ("the UN", "United Nations"),
        ("Kyiv", "Kiev"),
        ("Seoul", "ROK"),
        ("New Delhi", "India"),
        ("on Oct. 28", "October 28"),
        ("a three-year pause", "a 3-year pause"),
    ],
)
def test_words_that_mean_the_same_are_one_term(one, other):
    assert terms(one) == terms(other) != ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("North Korea", "South Korea"),
        ("Korea", "North Korea"),
        ("Kim Jong Un", "Kim Jong United Nations"),
        ("give it to us", "give it to the US"),
        ("June 18", "June 19"),
        ("10,000", "8,000"),
    ],
)
def test_words_that_mean_something_else_are_other_terms(one, other):
    assert terms(one) != terms(other)


def test_function_words_are_no_terms():
    assert terms("Who is it that said so, and why?") == ()
    assert "whose" in STOP_WORDS


def test_terms_keep_the_order_of_the_text_with_repeats():
    assert terms("troops from Russia, Russian troops") == ("troop", "@russia", "@russia", "troop")


def test_content_words_come_with_the_word_in_its_base_form():
    assert list(content_words("The Ferries sank off Moscow")) == [
        ("ferri", "ferries"),
        ("sink", "sink"),
        ("@russia", "moscow"),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Who sold the loaves?", "who sells a loaf"),
        ("The women withdrew.", "a woman withdraws"),
        ("What percentage of grain?", "12 per cent of the grain"),
        ("a 12% share", "12 percent, the share"),
    ],
)
def test_forms_of_a_word_are_one_term(one, other):
    assert set(terms(one)) - {"12"} == set(terms(other)) - {"12"}


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("the defence minister", "the defense minister"),
        ("an organisation", "an organization"),
        ("organised", "organizing"),
        ("a colourful harbour", "a colorful harbor"),
        ("theatres and centres", "theater and center"),
        ("analysed", "analyze"),
        ("a programme", "the programs"),
        ("refuelled", "refueling"),
    ],
)
def test_british_and_american_spellings_are_one_term(british, american):
    assert terms(british) == terms(american)


@pytest.mark.parametrize("word", ["promise", "advise", "hour", "surprise", "acre", "raise"])
def test_what_all_spell_so_stays(word):
    assert list(content_words(f"the {word}")) == [(stem(word), word)]


def test_an_index_is_searched_for_both_spellings():
    assert set(stems_of(*terms("defence"))) == {stem("defence"), stem("defense")}
    assert set(stems_of(*terms("organizations"))) >= {stem("organisation"), stem("organization")}


def test_what_an_index_keeps_of_a_term_are_the_stems_of_its_forms():
    assert stems_of(stem("buy")) == ("bui", "bought")
    assert stems_of("troop") == ("troop",)
    assert "kremlin" in stems_of("@russia")


def test_names_of_a_country_lead_back_to_it():
    for country in ("Russia", "North Korea", "Vietnam", "China", "EU"):
        (term,) = terms(country)
        names = names_of(term)
        assert names == tuple(sorted(set(names)))
        for name in names:
            if max(map(len, name.split())) > 4:  # an acronym counts only as it is written
                assert terms(name) == (term,)
    assert names_of("troop") == ()


@given(st.text(max_size=80))
def test_any_text_has_terms_without_white_space_or_stop_words(text):
    for term, word in content_words(text):
        assert term
        assert not any(c.isspace() for c in term)
        assert word not in STOP_WORDS
    assert terms(text) == tuple(term for term, _ in content_words(text))


@given(st.text(max_size=80))
def test_folding_is_done_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Zs"], max_codepoint=0x17F)))
def test_terms_do_not_depend_on_case_or_accents_beyond_acronyms(text):
    assert terms(text.lower()) == terms(fold(text))


@given(st.text(max_size=30))
def test_a_stem_is_never_longer_than_its_word_by_more_than_a_letter(text):
    for word in words(text):
        assert len(stem(word)) <= len(word) + 1
