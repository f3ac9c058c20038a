"""Lesson 00: the first call."""

from collections.abc import Mapping
from typing import Any

from tutor.journal import Journal
from tutor.practice import checkable, exercise, expect
from tutor.practice.evidence import came_back, exchange_of, is_reply, kind, reply_text

TITLE = "Start here"
SCOPE = """\
The learner finds their feet: what the API is and when to use it instead of the chat app, this page and its buttons,
keys and their safety, cost, where to begin. No details of the API yet: say which lesson has them.
Never ask for a key, never repeat one."""
SUGGESTIONS = (
    "What can I do with the API that the chat app cannot?",
    "Do I need a key or money for this course?",
    "Where do I put a key, and why not in a cell?",
    "What do check, hint and solution do?",
)


@exercise(
    hints=[
        "Choose a number from 1 to 5. `questions[2]` is the second question.",
        "`ask(questions[2])` sends it. Put that in the place of the three dots.",
        "The whole line: `reply = ask(questions[2])`",
    ],
    praise="Your first call to the Messages API. A question went out, a reply came back. Lesson 01 opens both.",
)
def first_call(answer: Any, journal: Journal) -> None:
    """Send a question, one of the five or one of your own, and hand in the reply."""
    expect(
        not isinstance(answer, int),
        "number-alone",
        sent=f"The number `{answer!r}`.",
        back="Nothing: no request was sent.",
        why="A number is only the choice. The question behind it has to travel.",
        step="Put the number into the brackets of `questions[ ]`, and send that with `ask( )`.",
    )
    expect(
        not callable(answer),
        "function-not-called",
        sent="The function itself.",
        back="Nothing: no request was sent.",
        why="A function without brackets is not run.",
        step="Add brackets behind `ask`, with a question inside.",
    )
    text = answer if isinstance(answer, str) else ""
    replies = {reply_text(each) for each in journal.calls}
    expect(
        text not in replies or not text,
        "text-alone",
        sent="The text of a reply.",
        back=f"{len(text)} characters of text, without the rest of the reply.",
        why="The check finds your request by the reply's id. Text alone has no id.",
        step="Hand in the whole reply: take away `.text`, or what picks the text out.",
    )
    expect(
        not text.strip().startswith("ask("),
        "call-in-quotes",
        sent=f"The words `{text}`, in quotes.",
        back="Nothing: no request was sent.",
        why="What stands in quotes is text. Python does not run it.",
        step="Take the quotes away.",
    )
    expect(
        not text,
        "question-not-sent",
        sent=f"The question as text: “{text}”",
        back="Nothing: no request was sent.",
        why="Text in a variable stays on your computer. `ask` sends it.",
        step="Put `ask( )` around it.",
    )
    expect(
        answer is not None,
        "printed-only",
        sent="Nothing (`None`).",
        back="The text may stand above, but the variable is empty.",
        why="`print` shows a text and gives nothing back.",
        step="Leave `print` out: `reply` has to hold what `ask( )` returns.",
    )
    expect(
        is_reply(answer),
        "not-a-reply",
        sent="All five questions." if isinstance(answer, Mapping) else f"{kind(answer).capitalize()}.",
        back="Nothing: this is not a reply.",
        why="A reply is what `ask` returns. It carries an id.",
        step="Choose one question, and hand in what `ask( )` returns for it.",
    )
    exchange = exchange_of(answer, journal)
    checkable(
        exchange.method == "POST" and exchange.path == "/v1/messages",
        "a question. This reply belongs to another kind of request.",
        "Send a question with `ask( )`.",
    )
    expect(
        exchange.status == 200,
        "refused",
        sent="A request.",
        back=came_back(exchange),
        why="Only a 200 carries a reply to your question.",
        step="Run the set-up cell at the top again, then this cell.",
    )
