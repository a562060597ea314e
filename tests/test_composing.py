import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import assert_sound, candidate, markers_in, plain, small_chatbot

from rag.candidates import view
from rag.choosing import Statement, choose
from rag.composing import cite, markdown, with_speaker
from rag.questions import analyse
from rag.reading import Reader
from rag.subjects import subject_of
from rag.testing import HashEmbedder
from rag.types import Attribution, Claim, Document

FACT = "When did the work begin?"
LIST = "What reasons are given for the delay?"
COMPARISON = "Compare what the sources say"


def scored(*rated):
    """Score sentences by hand: pairs of a document and the scores of its sentences, in order."""
    reader, found = Reader(HashEmbedder(dimensions=512)), []
    for document, scores in rated:
        seen = view(document)
        candidates = [seen.candidate(i) for i in range(len(seen.sentences))]
        read = reader.score(analyse(FACT), candidates, weigh=lambda w: dict.fromkeys(w, 1.0))
        in_order = sorted(read, key=lambda s: s.candidate.start)
        found += [replace(s, score=n) for s, n in zip(in_order, scores, strict=True)]
    return sorted(found, key=lambda s: -s.score)


def chosen(question, *rated):
    """Compose, and return each claim's text with the documents it cites."""
    statements = choose(analyse(question), scored(*rated))
    claims, citations = cite(statements, lambda c: c.text)
    documents = {c.marker: c.document for c in citations}
    return [(claim.text, [documents[n] for n in claim.citations]) for claim in claims]


def claims_of(question, *rated):
    return [text for text, _ in chosen(question, *rated)]


# ---------------------------------------------------------------- choosing


def test_the_best_sentence_is_always_chosen():
    document = Document("d", "Rain fell. Work began in May. Ships left.")
    assert "Work began in May." in claims_of(FACT, (document, [-90.0, -3.0, -90.0]))


def test_what_scores_far_below_the_best_is_left_out():
    document = Document("d", "Work began in May. Rain fell on the town.")
    assert claims_of(FACT, (document, [5.0, -500.0])) == ["Work began in May."]


def test_an_answer_keeps_the_order_of_the_article():
    document = Document("d", "Work began in May. It took a year. Ships then came back.")
    assert claims_of(FACT, (document, [5.0, 5.1, 5.2])) == [
        "Work began in May.",
        "It took a year.",
        "Ships then came back.",
    ]


def test_articles_stay_together_the_best_one_first():
    one = Document("one", "Work began in May. Nothing else is known of it.")
    two = Document("two", "A gale sank both dredgers. The crews were saved.")
    assert [d for _, d in chosen(LIST, (one, [5.0, 4.8]), (two, [5.1, 4.9]))] == [
        *[["two"], ["two"]],
        *[["one"], ["one"]],
    ]


def test_the_same_statement_of_two_articles_is_shown_once_and_cites_both():
    one = Document("one", "Work on the northern harbour began in May.")
    two = Document("two", "Rain fell. Work on the northern harbour began in May.")
    got = chosen(FACT, (one, [5.0]), (two, [-50.0, 4.9]))
    assert got == [("Work on the northern harbour began in May.", ["one", "two"])]


def test_an_article_that_repeats_itself_is_cited_once():
    text = "Work on the northern harbour began in May."
    one = Document("one", f"{text} {text}")
    assert chosen(FACT, (one, [5.0, 4.9])) == [(text, ["one"])]


def test_statements_with_other_figures_are_not_taken_for_the_same():
    said = "According to the port office {} ships wait outside the northern harbour for a berth."
    one, two = (Document(name, said.format(n)) for name, n in (("one", 40), ("two", 50)))
    got = chosen(FACT, (one, [5.0]), (two, [4.9]))
    assert got == [(said.format(40), ["one"]), (said.format(50), ["two"])]


@pytest.mark.parametrize(
    ("said", "denied"),
    [
        (
            "The port office opened the northern lock to ships after the storm.",
            "The port office closed the northern lock to ships after the storm.",
        ),
        (
            "The port office sent two tugs to the northern lock after the storm.",
            "The port office sent three tugs to the northern lock after the storm.",
        ),
        (
            "Sweden sued Denmark over the northern lock after the storm in March.",
            "Denmark sued Sweden over the northern lock after the storm in March.",
        ),
    ],
)
def test_a_sentence_that_contradicts_another_is_not_cited_for_it(said, denied):
    one, two = Document("one", said), Document("two", denied)
    assert chosen(FACT, (one, [5.0]), (two, [4.9])) == [(said, ["one"]), (denied, ["two"])]


def test_an_article_that_counts_differently_the_second_time_is_shown_with_both():
    said = (
        "According to the port office {} ships wait outside the northern harbour for a berth, and "
        "their crews have been told to stay on board until the storm is over and the lock is open."
    )
    one = Document("one", f"{said.format(40)} {said.format(50)}")
    assert claims_of(FACT, (one, [5.0, 4.9])) == [said.format(40), said.format(50)]


REASONS = Document(
    "reasons",
    "The port office gave three reasons for the delay. First, a gale sank a dredger. Second, the "
    "rock was hard. Third, the crews went home. Gulls were seen.",
)


def test_what_a_sentence_announces_follows_it_whatever_it_scores():
    got = claims_of(LIST, (REASONS, [9.0, -50.0, -50.0, -50.0, -50.0]))
    assert [text.split()[0].strip(",") for text in got] == ["The", "First", "Second", "Third"]


def test_what_a_sentence_announces_is_not_cut_short_for_a_fact():
    got = claims_of(FACT, (REASONS, [9.0, -50.0, -50.0, -50.0, -50.0]))
    assert [text.split()[0].strip(",") for text in got] == ["The", "First", "Second", "Third"]


def test_what_a_colon_announces_follows_it():
    document = Document("d", "The port office put it like this:\n\nThe gale did it.\n\nGulls flew.")
    got = claims_of(FACT, (document, [9.0, -50.0, -50.0]))
    assert got[:2] == ["The port office put it like this:", "The gale did it."]


ITEMS = Document(
    "items",
    "The crews asked for four things:\n\n- more pay;\n- a rest day;\n- new boats. They leak;\n"
    "- a say.\n\nThe town refused.",
)


def test_all_items_of_a_list_follow_what_leads_into_it():
    got = claims_of(FACT, (ITEMS, [9.0, *[-50.0] * 6]))
    assert got == [
        "The crews asked for four things:",
        *("- more pay;", "- a rest day;", "- new boats.", "- a say."),
    ]


@pytest.mark.parametrize("best", [1, 2, 3, 5])
def test_an_item_of_a_list_brings_the_others_and_what_leads_into_them(best):
    scores = [9.0 if place == best else -50.0 for place in range(7)]
    got = claims_of(LIST, (ITEMS, scores))
    assert got[0] == "The crews asked for four things:"
    assert {"- more pay;", "- a rest day;", "- new boats."} <= set(got)
    assert "The town refused." not in got


def test_sentences_that_open_alike_are_listed_together():
    document = Document(
        "d",
        "I have a proposal. Let the crews drop the ban. Let the owner sell his boat. Let the town "
        "pay for both. None of them will.",
    )
    got = claims_of(LIST, (document, [-50.0, -50.0, -50.0, 9.0, -50.0]))
    assert [text.split()[1] for text in got] == ["the", "the", "the"]


def test_items_counted_within_sentences_are_listed_together():
    document = Document(
        "d",
        "I will be brief. The ban means this: one, less fish. Two, fewer crews. And three, a "
        "poorer town. Nobody asked us.",
    )
    got = claims_of(LIST, (document, [-50.0, 9.0, -50.0, -50.0, -50.0]))
    assert [text.split()[-2] for text in got] == ["less", "fewer", "poorer"]


@pytest.mark.parametrize(("question", "shown"), [(LIST, 3), (FACT, 1)])
def test_a_list_shows_all_of_a_row_that_one_of_it_stands_in(question, shown):
    document = Document(
        "d",
        "The crews met.\n\nIn the first case the ban ends. In the second the work may begin in "
        "June, for reasons of delay. In the third it stays. Nobody knows.",
    )
    got = claims_of(question, (document, [9.0, -50.0, 9.0, -50.0, -50.0]))
    assert sum(text.startswith(("In the", "- In the")) for text in got) == shown


def test_what_is_announced_is_not_sought_past_what_was_not_read():
    reread = [s for s in scored((REASONS, [9.0, 1.0, 1.0, 1.0, 1.0])) if "Second" not in texts(s)]
    statements = choose(
        analyse(FACT), [replace(s, score=s.score - 40 * n) for n, s in enumerate(reread)]
    )
    shown = [s.lead.candidate.text.split(",")[0] for s in statements]
    assert "First" in shown
    assert "Third" not in shown


def texts(item):
    return item.candidate.text


def test_a_comparison_gives_every_source_a_voice():
    loud = Document("loud", " ".join(f"Crane {n} lifts {n} crates." for n in range(30)))
    quiet = Document("quiet", "The insurers object.")
    got = chosen(COMPARISON, (loud, [9.0] * 30), (quiet, [8.0]))
    assert ["quiet"] in [documents for _, documents in got]


@pytest.mark.parametrize("question", [FACT, LIST, COMPARISON, "Summarize it", "Why so late?"])
def test_an_answer_stays_short_however_many_sentences_fit(question):
    long = Document("long", " ".join(f"Crane {n} lifts {n} crates." for n in range(60)))
    assert 1 <= len(claims_of(question, (long, [5.0] * 60))) <= 12


@pytest.mark.parametrize(
    ("follower", "goes_on"),
    [
        ("These were the worst gales in years.", True),
        ("The gales had closed the lock.", True),
        ("The lock was closed.", False),
        ("Gulls were seen.", False),
    ],
)
def test_a_reason_goes_on_where_the_next_sentence_refers_back(follower, goes_on):
    gales = "Gales kept the crews ashore, " + "as they had done all through the winter, " * 7
    document = Document("d", f"{gales}said the office. {follower}")
    got = claims_of("Why so late?", (document, [9.0, -50.0]))
    assert (follower in got) is goes_on


def test_what_a_sentence_leans_on_stands_before_it():
    document = Document("d", "Gales blew. For this reason, the crews stayed. Rain fell.")
    assert claims_of(FACT, (document, [-50.0, 9.0, -50.0])) == [
        "Gales blew.",
        "For this reason, the crews stayed.",
    ]
    apart = Document("d", "Gales blew.\n\nFor this reason, the crews stayed.")
    assert len(claims_of(FACT, (apart, [-50.0, 9.0]))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Gales blew. That is why for six days the port would not open.",
        "Gales blew. This means the port will not open.",
        'Gales blew. "You never sail then," she said.',
    ],
)
def test_a_that_or_a_she_comes_with_what_says_which(text):
    _, second = text.split(". ")
    got = claims_of(FACT, (Document("d", f"{text} Rain fell."), [-50.0, 9.0, -50.0]))
    assert got == ["Gales blew.", second]


@pytest.mark.parametrize(("told", "shown"), [("blew", 4), ("blew all night " * 20, 1)])
def test_short_sentences_go_on_up_to_a_few_lines(told, shown):
    text = " ".join(f"{name} {told}." for name in ("Xaver", "Kyrill", "Sabine", "Lothar", "Vivian"))
    got = claims_of("Why so late?", (Document("d", text), [9.0, *[-50.0] * 4]))
    assert len(got) == shown


def test_a_fact_goes_on_where_the_next_sentence_takes_up_its_noun():
    document = Document(
        "d", "Odd gifts were exchanged. Two dogs were among these gifts. Rain fell."
    )
    assert len(claims_of("Which gift was it?", (document, [9.0, -50.0, -50.0]))) == 2


def test_a_list_may_be_longer_than_a_fact():
    long = Document("long", " ".join(f"Crane {n} lifts {n} crates." for n in range(60)))
    listed, stated = (len(claims_of(q, (long, [5.0] * 60))) for q in (LIST, FACT))
    assert listed > stated


sentence = st.sampled_from(
    [
        "Work began in May.",
        "Two reasons were given.",
        "First, rain fell.",
        "These were all:",
        "Ships left.",
        "He agreed.",
    ]
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(sentence, min_size=1, max_size=6), min_size=1, max_size=3),
    st.sampled_from([FACT, LIST, COMPARISON, "Summarize it", "Why so late?"]),
    st.randoms(use_true_random=False),
)
def test_any_choice_holds_the_best_sentence_and_none_twice(articles, question, random):
    documents = [Document(f"d{n}", " ".join(article)) for n, article in enumerate(articles)]
    rated = [(d, [random.uniform(-5, 5) for _ in view(d).sentences]) for d in documents]
    read = scored(*rated)
    statements = choose(analyse(question), read)
    sources = [s for statement in statements for s in statement.sources]
    assert any(s is read[0] for s in sources)
    assert len(set(map(id, sources))) == len(sources)
    if question == FACT:
        assert statements[0].lead.candidate.document.id == read[0].candidate.document.id
    else:
        for before, after in itertools.pairwise(s.lead.candidate for s in statements):
            if before.document.id == after.document.id:
                assert before.end <= after.start
    claims, citations = cite(statements, lambda c: c.text)
    assert list(dict.fromkeys(n for c in claims for n in c.citations)) == [
        c.marker for c in citations
    ]
    quotes = {c.marker: c.quote for c in citations}
    for statement, claim in zip(statements, claims, strict=True):
        for source, marker in zip(statement.sources, claim.citations, strict=True):
            assert source.candidate.text in quotes[marker]


def cited_together(*picked):
    """Cite sentences, each a document and the number of its sentence; return quotes and markers."""
    statements = []
    for document, number in picked:
        read = scored((document, [0.0] * len(view(document).sentences)))
        by_place = sorted(read, key=lambda s: s.candidate.start)
        statements.append(Statement(replace(by_place[number], score=float(number))))
    claims, citations = cite(statements, lambda c: c.text)
    return [c.quote for c in citations], [c.citations for c in claims], citations


def test_sentences_that_follow_each_other_share_a_citation():
    document = Document("d", "Rain fell. The weir broke.\n\nNobody was hurt. Ships left.")
    quotes, markers, citations = cited_together((document, 0), (document, 1), (document, 2))
    assert quotes == ["Rain fell. The weir broke.\n\nNobody was hurt."]
    assert markers == [(1,), (1,), (1,)]
    assert citations[0].score == 2.0, "the best sentence's"
    assert document.text[citations[0].start : citations[0].end] == quotes[0]


@pytest.mark.parametrize(
    "picked",
    [
        pytest.param([(0, 0), (0, 2)], id="a sentence stands between"),
        pytest.param([(0, 1), (0, 0)], id="the answer turns them round"),
        pytest.param([(0, 0), (1, 1)], id="of two articles"),
        pytest.param([(0, 0), (1, 0), (0, 1)], id="another article comes between"),
    ],
)
def test_sentences_that_do_not_follow_each_other_are_cited_apart(picked):
    documents = [
        Document("d", "Rain fell. The weir broke. Nobody was hurt."),
        Document("e", "Rain fell. The weir held."),
    ]
    quotes, markers, _ = cited_together(*((documents[d], n) for d, n in picked))
    assert markers == [(n,) for n in range(1, len(picked) + 1)]
    assert all(quote.count(".") == 1 for quote in quotes)


@pytest.mark.parametrize(
    "question",
    [
        LIST,
        "Enumerate the reasons.",
        "List the reasons.",
    ],
)
def test_a_question_for_a_list_gets_bullets(question):
    answer = small_chatbot(REASONS, abstain_below=0.0).ask(question)
    assert all(line.startswith("- ") for line in answer.text.splitlines())


# ---------------------------------------------------------------- presenting

SPEECH = Document(
    "speech",
    "Mark Rutte confirmed that North Korea has sent troops to Russia. He called it a turn. "
    "“It widens the war.” It’s new.",
    title="Troops confirmed",
)
SPOKEN = Attribution("Mark Rutte", "say", 0, 10, explicit=False)


@pytest.mark.parametrize(
    ("text", "attribution", "subject", "shown"),
    [
        (
            "He called it a turn.",
            None,
            "Mark Rutte",
            "[Mark Rutte] called it a turn.",
        ),
        ("He called it a turn.", None, None, "He called it a turn."),
        ("“It widens the war.”", SPOKEN, None, "Mark Rutte: “It widens the war.”"),
        ("It widens the war.", SPOKEN, None, "Mark Rutte: “It widens the war.”"),
        (
            "It widens the war.",
            replace(SPOKEN, explicit=True),  # named in a line behind the quote
            None,
            "Mark Rutte: “It widens the war.”",
        ),
        (
            "Mark Rutte confirmed that North Korea has sent troops to Russia.",
            replace(SPOKEN, explicit=True),
            None,
            "Mark Rutte confirmed that North Korea has sent troops to Russia.",
        ),
        ("“It widens the war.”", None, "Moscow", "“It widens the war.”"),
        ("It’s new.", None, "Moscow", "It’s new."),
    ],
)
def test_what_is_added_to_a_sentence_stands_in_brackets_or_before_a_colon(
    text, attribution, subject, shown
):
    assert with_speaker(candidate(SPEECH, text, attribution), subject) == shown


def test_a_report_is_not_put_in_quotation_marks():
    told = Document("told", "The cook spoke first. Soup is off. He called it a pity.")
    said = Attribution("Ada Quill", "say", 0, 8, explicit=False)
    shown = with_speaker(candidate(told, "Soup is off.", said), None)
    assert shown == "[Ada Quill:] Soup is off."
    first = Document("first", "I told the crew that soup is off.")
    said_so = with_speaker(candidate(first, "I told the crew that soup is off.", said), None)
    assert said_so == "[Ada Quill:] I told the crew that soup is off."
    named = Document("named", "Quill: Soup is off. It was never good.")
    said_here = with_speaker(candidate(named, "Quill: Soup is off.", said), None)
    assert said_here == "Quill: Soup is off.", "a transcript has the name already"
    called = candidate(told, "He called it a pity.", said)
    assert with_speaker(called, "Ada Quill") == "[Ada Quill] called it a pity."


SOUP = Document(
    "soup",
    "Ada Quill, the cook, spoke on Monday. Quill said soup was off. “Tea is not,” she told The "
    "Invented Times. In May, she said the kettle “had broken.” “Bread is in. The oven is said to "
    "work,” she added. She warned that “salt is scarce.”\n\n"
    "The Invented Times wrote of it. The newspaper reports that salt is scarce.\n\n"
    "Quill added: “They told me to wait. I did.”",
)


def shown(document, start):
    """Write the sentence that starts with the words given as an answer would."""
    seen = view(document)
    number = next(
        n for n, s in enumerate(seen.sentences) if document.text.startswith(start, s.start)
    )
    return with_speaker(seen.candidate(number), subject_of(document, seen.sentences, number))


@pytest.mark.parametrize(
    ("start", "written"),
    [
        ("“Tea", "“Tea is not,” she [Ada Quill] told The Invented Times."),
        ("In May", "In May, she [Ada Quill] said the kettle “had broken.”"),
        ("“Bread", "Ada Quill: “Bread is in.”"),
        ("The oven", "“The oven is said to work,” she [Ada Quill] added."),
        ("She warned", "[Ada Quill] warned that “salt is scarce.”"),
        ("The newspaper", "The newspaper [The Invented Times] reports that salt is scarce."),
        ("Quill added", "Quill added: “They told me to wait.”"),
        ("I did", "Ada Quill: “I did.”"),
    ],
)
def test_each_sentence_of_a_speaker_says_once_who_speaks(start, written):
    assert shown(SOUP, start) == written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("They warned that tea is too.", "[Penrose officials] warned that tea is too."),
        ("But they warned of tea.", "But they [Penrose officials] warned of tea."),
        ("It rained. They warned that tea is too.", None),
    ],
)
def test_they_who_go_on_speaking_are_the_group_that_spoke(said, written):
    document = Document("d", f"Soup is off, Penrose officials said. {said}")
    start = said.split(". ")[-1].split()[0]
    assert shown(document, start) == (written or "They warned that tea is too.")


@pytest.mark.parametrize(
    ("opening", "written"),
    [
        ("Ada Quill came with her son, Ben Quill.", "Quill: “Tea is not.”"),
        ("The inn at Quill was shut.", "“Tea is not.”"),
    ],
)
def test_a_surname_names_the_speaker_where_it_is_a_person_s(opening, written):
    text = f"{opening} “Soup is off,” Quill said. “Tea is not.”"
    assert shown(Document("d", text), "“Tea") == written


def test_who_is_told_of_inside_a_quotation_is_not_taken_for_its_speaker():
    text = "“Soup is off,” Ada Quill said. “My crew told me to wait.”"
    assert shown(Document("d", text), "“My") == "Ada Quill: “My crew told me to wait.”"


def test_a_name_inside_a_quotation_is_not_its_signature():
    text = "“Soup is off. My name is Quill, and I cook.” – Ada Quill, cook"
    assert shown(Document("d", text), "My") == "Ada Quill: “My name is Quill, and I cook.”"


def test_a_speaker_whom_the_sentence_names_is_not_named_again():
    text = "Ada Quill is the cook. Quill said soup is off. {}"
    said = "Why Quill left is open, but tea is not, she said."
    assert shown(Document("d", text.format(said)), "Why") == said


def test_a_pronoun_gets_no_name_of_what_may_be_no_person():
    text = "Costa Verde ran the kitchen. “Soup is off,” she said."
    assert shown(Document("d", text), "“Soup") == "“Soup is off,” she said."


def test_an_it_that_says_something_gets_no_name():
    text = "The Kitchen Institute closed. Soup, it said, is off."
    assert shown(Document("d", text), "Soup") == "Soup, it said, is off."


def test_a_quotation_without_a_known_speaker_gets_its_marks_too():
    text = "A sign read: “Soup is off. Tea is not.”"
    assert shown(Document("d", text), "Tea") == "“Tea is not.”"


@pytest.mark.parametrize("mark", ["- ", "– ", "• ", "· "])
def test_a_list_mark_is_no_part_of_a_sentence(mark):
    document = Document("d", f"Soup is off.\n\n{mark}Bread is in today.")
    assert shown(document, mark) == "Bread is in today."


def test_marks_are_added_to_the_claim_and_never_to_the_quote():
    document = Document(
        "d", "“The pact is a headache for Beijing. It widens the war,” Antony Blinken said."
    )
    answer = small_chatbot(document, abstain_below=0.0).ask("What is a headache for Beijing?")
    claim, cited = answer.claims[0], answer.citations[0]
    assert claim.text == "Antony Blinken: “The pact is a headache for Beijing.”"
    assert cited.quote == "“The pact is a headache for Beijing."
    assert document.text[cited.start : cited.end] == cited.quote


def test_a_pronoun_inside_a_sentence_is_left_alone():
    text = "confirmed that North Korea has sent troops to Russia. He called it"
    assert with_speaker(candidate(SPEECH, text), "Moscow") == text


def test_an_answer_resolves_a_pronoun_and_quotes_the_sentence_as_it_stands():
    answer = small_chatbot(SPEECH).ask("Who called it a turn?")
    claim = next(c for c in answer.claims if "turn" in c.text)
    assert claim.text == "[Mark Rutte] called it a turn."
    assert claim.text in plain(answer.text)
    quotes = {c.marker: c.quote for c in answer.citations}
    assert quotes[claim.citations[0]] == "He called it a turn."


@pytest.mark.parametrize(
    "text", ["It is likely that cranes fail.", "It took a week until cranes failed."]
)
def test_an_it_that_stands_for_nothing_gets_no_name(text):
    document = Document("d", f"Moscow signed the pact. {text}")
    answer = small_chatbot(document, abstain_below=0.0).ask("Why cranes fail?")
    assert text in [claim.text for claim in answer.claims]


def test_an_answer_names_the_speaker_of_a_bare_quotation():
    talk = Document(
        "talk",
        "“The pact is a headache for Beijing,” Antony Blinken said. “It widens the war in Europe.”",
    )
    answer = small_chatbot(talk).ask("What widens the war in Europe?")
    claim = next(c for c in answer.claims if "widens" in c.text)
    assert claim.text.startswith("Antony Blinken: “")


# ---------------------------------------------------------------- Markdown


def written(*claims, as_list=False):
    return markdown(
        [Claim(text, "verbatim", (n,)) for n, text in enumerate(claims, start=1)], as_list=as_list
    )


def test_a_paragraph_has_each_claim_with_its_markers():
    assert written("One.", "Two.") == "One. [1] Two. [2]"
    assert markdown([Claim("One.", "verbatim", (1, 2))], as_list=False) == "One. [1][2]"


def test_a_list_has_a_bullet_for_each_claim_unless_it_is_the_only_one():
    assert written("One.", "Two.", as_list=True) == "- One. [1]\n- Two. [2]"
    assert written("One.", as_list=True) == "One. [1]"


MARKS = "a1 []()*_<>`#|~&;!.\\"
STRUCTURE = [
    "[1] is no marker of ours.",
    "It names [12][3] and \\[2] and \\\\[2].",
    "A *starred* word, a _lined_ one and __both__.",
    "<script>alert(1)</script> ran.",
    "A `tick` and ```ticks```.",
    "# No heading.",
    "#hashtag is no heading.",
    "- No bullet.",
    "+ No bullet.",
    "* No bullet.",
    "> No quotation.",
    "A | table | row",
    "It ends in a backslash \\",
    "*** three stars",
    "1. No list.",
    "1) No list.",
    "~~~ no fence",
    "A ~~struck~~ word.",
    "A [link](https://example.com) leads out.",
    "![A picture](https://example.com/p.png) loads.",
    "An &lt;entity&gt; &amp; more.",
]


@pytest.mark.parametrize("as_list", [False, True])
@pytest.mark.parametrize("text", STRUCTURE)
def test_no_character_of_an_article_becomes_structure(text, as_list):
    shown = written(text, "Two.", as_list=as_list)
    assert markers_in(shown) == [1, 2]
    assert plain(shown) == f"{text} [1] Two. [2]"


@settings(deadline=None)
@given(
    st.lists(
        st.text(alphabet="a1 []()*_<>`#|~&;!.\\", min_size=1, max_size=20)
        .map(str.strip)
        .filter(bool),
        min_size=1,
        max_size=3,
    ),
    st.booleans(),
)
def test_any_mix_of_marks_is_shown_as_it_was_written(claims, as_list):
    shown = written(*claims, as_list=as_list)
    assert markers_in(shown) == list(range(1, len(claims) + 1))
    expected = " ".join(f"{text} [{n}]" for n, text in enumerate(claims, start=1))
    assert plain(shown) == " ".join(expected.split())


def test_a_hostile_article_is_cited_word_for_word():
    text = "# Cranes *lift* [1] <b>crates</b> `daily`."
    document = Document("hostile", text)
    answer = small_chatbot(document, abstain_below=0.0).ask("What do cranes lift daily?")
    assert_sound(answer, [document])
    assert answer.citations[0].quote == text
    assert plain(answer.text) == f"{text} [1]"
