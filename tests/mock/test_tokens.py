"""The estimate: pieces join to the text again, and a text is about as long as models since 4.7 say."""

from __future__ import annotations

import base64

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


def prompt(model=HAIKU, **fields):
    return tokens.prompt({"messages": [{"role": "user", "content": "Hello"}], **fields}, model)


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


def test_models_since_4_7_make_about_thirty_percent_more_of_a_text():
    older = models.find("claude-haiku-4-5")
    assert prompt(system="Be brief. " * 500) / prompt(older, system="Be brief. " * 500) == pytest.approx(1.3, abs=0.02)


def test_a_pdf_counts_by_its_pages():
    def counted(pages):
        data = base64.b64encode(b"%PDF-1.7 /Type /Pages" + b" /Type /Page " * pages).decode()
        source = {"type": "base64", "media_type": "application/pdf", "data": data}
        return prompt(messages=[{"role": "user", "content": [{"type": "document", "source": source}]}])

    assert counted(3) - counted(1) == 2 * (counted(1) - prompt(messages=[{"role": "user", "content": ""}]))
    assert 1500 <= counted(2) - counted(1) <= 3000
