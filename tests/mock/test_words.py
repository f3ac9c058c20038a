"""Words of questions: one spelling for each thing, code taken apart, typing errors mended."""

from __future__ import annotations

import pytest

from tutor.mock.words import Speller, spelt, stem, telling


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("What is max_tokens?", ["what", "is", "max", "tokens"]),
        ("x-api-key", ["x", "api", "key"]),
        ("RateLimitError 429", ["rate", "limit", "error", "429"]),
        ("21,333 tokens", ["21333", "tokens"]),
    ],
)
def test_code_is_taken_apart(written, words):
    assert spelt(written) == words


@pytest.mark.parametrize(
    "words", ["caching cached caches cache", "retries retry", "stopped stopping stop", "blocks block"]
)
def test_endings_fall_off(words):
    assert len(set(map(stem, words.split()))) == 1


def test_words_for_one_thing_are_one():
    assert telling(spelt("the price of an answer")) == telling(spelt("What do replies cost?"))


@pytest.fixture
def speller():
    asked = ["What does max_tokens do?", "Why is there a ping in my stream?"]
    return Speller(asked, frozenset(spelt(" ".join(asked))), ["hyphen"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("maxtokens", ["max", "tokens"]),
        ("max_tokns", ["max", "tokens"]),
        ("streamping", ["stream", "ping"]),  # two words of questions, written as one
        ("therestream", ["therestream"]),
        ("waht is a pnig", ["what", "is", "a", "ping"]),
        ("straem", ["stream"]),
        ("hyphen", ["hyphen"]),  # a word that the lessons know stays
        ("zebra", ["zebra"]),
        ("wht does u mean", ["what", "does", "you", "mean"]),
        ("pung", ["ping"]),
        ("thinkng", ["thinking"]),
        ("supercalifragilisticexpialidocious", ["supercalifragilisticexpialidocious"]),
    ],
)
def test_typing_errors_are_mended_where_a_word_is_near(speller, written, meant):
    assert speller.words(written) == meant


@pytest.mark.parametrize(
    ("written", "doubtful"), [("pung", True), ("ping", False), ("thinkng", False), ("zebra", False)]
)
def test_a_short_word_that_was_mended_is_doubtful(speller, written, doubtful):
    assert speller.doubtful(written) is doubtful
