"""Lesson 00: its exercise is tested with all others in test_answers; here is what it promises."""

from __future__ import annotations

from tutor import course


def test_each_of_the_five_questions_has_a_reply(lesson_house: None) -> None:
    client, _, _ = course.start("start_here")
    text = course.lesson_text("start_here")
    names: dict[str, dict[int, str]] = {}
    exec(text[text.index("questions = {") : text.index("}", text.index("questions = {")) + 1], names)
    for question in names["questions"].values():
        client.messages.create(
            model="claude-haiku-5-5", max_tokens=300, messages=[{"role": "user", "content": question}]
        )
    assert [exchange.source for exchange in course.LOG.calls[-5:]] == ["written"] * 5
