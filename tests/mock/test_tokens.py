"""The estimate: pieces join to the text again, and a text is about as long as models since 4.7 say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor import models
from tutor.mock import tokens

HAIKU = models.find("claude-haiku-5-5")


@given(st.text())
def test_the_pieces_join_to_the_text(text):
    assert "".join(tokens.pieces(text)) == text
    assert tokens.estimate(text) == len(tokens.pieces(text))


def test_an_english_word_is_about_1_8_tokens():
    text = (
        "Photosynthesis is how plants, algae and some bacteria use sunlight to turn water and carbon dioxide into "
        "sugar, releasing oxygen along the way. It happens in two steps: the first catches light, the second builds."
    )
    assert 1.5 < tokens.estimate(text) / len(text.split()) < 2.1


def prompt(**fields):
    return tokens.prompt({"messages": [{"role": "user", "content": "Hello"}], **fields}, HAIKU)


def test_every_part_of_a_prompt_counts():
    tool = {"name": "f", "description": "Does f.", "input_schema": {"type": "object"}}
    assert prompt() < prompt(system="Be brief.") < prompt(tools=[tool])
    assert prompt(tools=[tool], tool_choice={"type": "any"}) - prompt(tools=[tool]) == 406 - 286
    assert prompt(output_config={"format": {"type": "json_schema", "schema": {"type": "object"}}}) > prompt()


def test_a_string_counts_as_its_one_text_block():
    assert prompt() == tokens.prompt(
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]}, HAIKU
    )


@pytest.mark.parametrize(
    "content", ["", [], [{"type": "image", "source": {"type": "url", "url": "https://x.example"}}]]
)
def test_any_content_can_be_counted(content):
    assert tokens.prompt({"messages": [{"role": "user", "content": content}]}, HAIKU) > 0
