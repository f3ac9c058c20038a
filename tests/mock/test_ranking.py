"""Which answers are like a question: rare words count more, this lesson comes first, and little is sure."""

from __future__ import annotations

import pytest

from tutor.mock.entries import Entry, folded
from tutor.mock.ranking import Index


def entry(lesson: str, answer: str, *ask: str, id: str = "") -> Entry:
    return Entry(f"{lesson}: {ask[0]}", lesson, id, ask, answer, "", tuple(map(folded, ask)))


KNOWN = [
    entry("parameters", "A ceiling for the reply, in tokens.", "What does max_tokens do?", "Where is the ceiling?"),
    entry("parameters", "A piece of a word.", "What is a token?", "How long is a token?"),
    entry("streaming", "Pieces, as they are written.", "What is streaming?", "Why would I stream a reply?"),
    entry("errors", "Pieces, as they are written.", "What is an overload?", "Why would I get 529?"),
    entry("streaming", "Join the pieces.", "Why was first-only reported?", id="text_of/first-only"),
]


@pytest.fixture
def index() -> Index:
    return Index(KNOWN, [])


def asks(index: Index, question: str, lesson: str = "parameters") -> list[str]:
    return [near.entry.ask[0] for near in index.find(question, lesson)]


def test_a_rare_word_counts_more_than_the_words_that_all_questions_have(index):
    assert asks(index, "what is it that does a ceiling")[0] == "What does max_tokens do?"


def test_small_words_decide_between_answers_that_share_the_rest(index):
    assert asks(index, "how long is one token?")[0] == "What is a token?"


def test_what_only_the_answer_says_is_found_too(index):
    assert asks(index, "a piece of my word")[0] == "What is a token?"


def test_the_current_lesson_comes_first_among_equals(index):
    assert asks(index, "pieces as they are written", "streaming")[0] == "What is streaming?"
    assert asks(index, "pieces as they are written", "errors")[0] == "What is an overload?"


def test_feedback_is_named_beside_its_exercise_only(index):
    wanted = "Why was first-only reported?"
    assert wanted in asks(index, "join the first pieces", "streaming")
    assert wanted not in asks(index, "join the first pieces", "errors")


@pytest.mark.parametrize(
    ("question", "sure"),
    [
        ("what does max tokens do", True),
        ("whats a token", True),
        ("what does max tokens do in a zebra", False),  # a word that is known nowhere may be the point
        ("what is a tokn", False),  # a short word that was mended may be another one
        ("what does max tokens do in streaming", False),  # the entry says nothing of streaming
        ("is a max token the ceiling for the reply", False),  # the entry holds it all, but is not asked so
        ("where is the ceiling of my reply", False),  # the ways to ask do not say so much
        ("so what is written", False),
    ],
)
def test_an_answer_is_sure_if_one_way_to_ask_it_has_nearly_the_same_telling_words(index, question, sure):
    assert any(near.sure for near in index.find(question, "parameters")) is sure


def test_in_a_story_the_sentence_that_asks_is_what_counts(index):
    story = "my friend showed me a picture and a zebra. what does max_tokens do? i lost my token"
    first = index.find(story, "parameters")[0]
    assert (first.entry.ask[0], first.sure) == ("What does max_tokens do?", True)


@pytest.mark.parametrize(
    "story",
    [
        "my friend drew a zebra. what is a token?",  # one telling word is too little beside a story
        "i see a zebra. the max tokens do",  # this sentence asks nothing
    ],
)
def test_a_sentence_of_a_story_is_sure_only_if_it_asks_and_tells(index, story):
    assert not any(near.sure for near in index.find(story, "parameters"))


def test_a_sentence_is_a_little_less_like_its_answer_than_the_same_as_the_whole_question(index):
    alone = index.find("what does max tokens do", "parameters")[0]
    told = index.find("what does max tokens do. my friend drew a zebra", "parameters")[0]
    assert told.entry == alone.entry
    assert alone.likeness - 0.05 < told.likeness < alone.likeness


def test_the_likeness_lies_between_0_and_1(index):
    for question in ("What is a token?", "token", "zebra what", "What does max_tokens do? Where is the ceiling?"):
        assert all(0 <= near.likeness <= 1 for near in index.find(question, "parameters"))


def test_no_words_and_no_entries_are_no_trouble(index):
    assert index.find("", "parameters") == []
    assert Index([], []).find("What is a token?", "parameters") == []


def test_how_much_of_a_question_an_entry_holds_counts_unknown_words_more(index):
    token = KNOWN[1]
    whole = index.share(index.read("token word"), [token])[token.name]
    half = index.share(index.read("token zebra"), [token])[token.name]
    assert whole == 1
    assert half < 0.25


def test_a_word_that_tells_nothing_about_the_subject_counts_less_where_it_is_missing():
    token, hour = entry("a", "A piece.", "What is a token?"), entry("a", "Wait.", "What about an hour?")
    index = Index([token, hour], [])
    assert index.share(index.read("a token in an hour"), [token])[token.name] > 0.7
