"""Lesson 01: one request and one reply, taken apart."""

from __future__ import annotations

import re
from typing import Any

from tutor import models
from tutor.journal import Journal
from tutor.lessons._requests_cases import BROKEN, CASES, NUMBERS, ROLES
from tutor.lessons._requests_feedback import expect_no_error, expect_text
from tutor.practice import attempted, exercise, expect
from tutor.practice.evidence import came_back, exchange_of, kind, outcome_of, reply_text, text_in
from tutor.practice.needs import need_accepted, need_function, need_reply

TITLE = "Requests"
SCOPE = """\
The learner takes one request and one reply apart: address, headers, the required fields, the shape of `messages`,
content blocks, stop reason, usage, and why nothing is remembered.
Let them look at their own request before you explain it."""
SUGGESTIONS = (
    "What is the difference between a header and the body?",
    "Why is the reply a list of blocks?",
    "What is a token?",
    "Why does the second call not know the first?",
)


@exercise(
    hints=[
        "Run the cell and read `response.json()`. The API names one fault at a time.",
        "One fault is a missing header, one is the shape of `messages`, one is the age of the model.",
        "`anthropic-version` is a header. `messages` is a list of turns, each with `role` and `content`. "
        "`claude-haiku-5-5` is a current model.",
    ],
    praise="A complete request by hand: two headers that matter, three required fields, status 200.",
)
def first_request(answer: Any, journal: Journal) -> None:
    """Repair the three faults of a request sent by hand, until it comes back with status 200."""
    need_reply(answer, "response")
    exchange = exchange_of(answer, journal)
    body = exchange.request if isinstance(exchange.request, dict) else {}
    headers, messages = exchange.request_headers, body.get("messages")
    starter = body == BROKEN and "anthropic-version" not in headers
    attempted(not starter, "The request is the broken one. Repair it, then run the cell again.")
    back = came_back(exchange)
    went = f"{exchange.method} {exchange.path}"

    expect(
        went == "POST /v1/messages",
        "other-address",
        sent=f"`{went}`.",
        back=back,
        why="The address and the method say what you want. Only `POST /v1/messages` asks for a reply.",
        step='Send it with `httpx.post(f"{url}/v1/messages", ...)`.',
    )
    stray = next((name for name in body if re.fullmatch(r"(x-)?api[-_]?key|authorization|key", name, re.I)), None)
    expect(
        stray is None,
        "key-in-body",
        sent=f"`{stray}` as a field of the body.",
        back=back,
        why="The API looks for the key in the headers, and bodies end up in logs.",
        step="Move it into `headers`.",
    )
    expect(
        exchange.status != 401,
        "key-missing",
        sent="No valid key in the headers.",
        back=back,
        why="Without a key the API does not know who asks. It reads nothing else.",
        step='Keep `"authorization": f"Bearer {key}"` in `headers`.',
    )
    expect(
        "anthropic-version" in headers,
        "version-missing",
        sent="A request without the header `anthropic-version`.",
        back=back,
        why="The version says which rules the request follows. It has no default.",
        step='Add `"anthropic-version": "2026-10-21"` to `headers`.',
    )
    missing = [name for name in ("model", "max_tokens", "messages") if name not in body]
    expect(
        not missing,
        "field-missing",
        sent=f"A body without `{'`, `'.join(missing)}`.",
        back=back,
        why="`model`, `max_tokens` and `messages` are required in every request.",
        step=f"Add `{missing[0] if missing else ''}` to `json`.",
    )
    expect(
        isinstance(messages, list),
        "messages-not-a-list",
        sent=f"`messages` as {kind(messages)}.",
        back=back,
        why="A conversation has turns, so `messages` is a list, also for one question.",
        step='Write `"messages": [{"role": "user", "content": "..."}]`.',
    )
    turns = messages if isinstance(messages, list) else []
    other = [turn for turn in turns if not isinstance(turn, dict)]
    expect(
        not other,
        "turn-not-a-dictionary",
        sent=f"`messages` as a list with {kind(other[0] if other else None)} in it.",
        back=back,
        why="A turn says two things: who speaks, and what. So each turn is a dictionary.",
        step='Write `{"role": "user", "content": "..."}` inside the list.',
    )
    odd = next((turn.get("role") for turn in turns if isinstance(turn, dict) and turn.get("role") not in ROLES), None)
    expect(
        odd is None,
        "unknown-role",
        sent=f"A turn with the role `{odd}`.",
        back=back,
        why="Each turn says who speaks. You are `user`, Claude is `assistant`.",
        step='Write `"role": "user"`.',
    )
    model = str(body.get("model"))
    expect(
        models.find(model) is not None,
        "model-not-served",
        sent=f"The model {_kind_of_model(model)}.",
        back=back,
        why="Models retire. An old id is answered with 404, and so is a misspelt one.",
        step=f'Write `"model": "{models.DEFAULT}"`.',
    )
    expect(
        exchange.status == 200,
        "refused",
        sent="A request with the headers and the three fields.",
        back=back,
        why="The message of the error names the field and what is wrong with it.",
        step="Repair the field that the message names.",
    )


@exercise(
    hints=[
        'A reply has a list: `reply["content"]`. Go through it, block by block.',
        'Every block has a `type`. Keep the blocks whose `type` is `"text"`; they carry `text`.',
        '`"".join(...)` makes one string of many. Of none, it makes an empty string.',
    ],
    praise="Five kinds of reply, one function. From here on the course uses its own: `from tutor import text_of`.",
)
def text_of(answer: Any, journal: Journal) -> None:
    """Write a function that takes a reply as JSON and returns its text, whatever the blocks are."""
    need_function(answer, "text_of", "five replies")
    for number, (name, content, wanted) in enumerate(CASES, 1):
        reply = {
            "type": "message",
            "role": "assistant",
            "content": content,
            "stop_reason": "end_turn" if content else "refusal",
        }
        outcome = outcome_of(answer, reply)
        got = outcome.value
        case = f"Case {number} of {len(CASES)}, “{name}”"
        text_first = sorted(content, key=lambda block: block["type"] != "text")
        every_block = outcome_of(answer, reply | {"content": text_first}).error is not None
        expect_no_error(outcome.error, case, content, every_block)
        expect(
            got is not None,
            "nothing-returned",
            sent="A function that prints the text." if outcome.printed else "A function that returns nothing.",
            back=f"{case}: expected a string, got `None`.",
            why="Printed text is gone for the program. Only a returned value can be used further.",
            step="End the function with `return`.",
        )
        expect(
            isinstance(got, str),
            "not-a-string",
            sent=f"A function that returns {kind(got)}.",
            back=f"{case}: expected a string.",
            why="Readers and programs want one text, not its pieces.",
            step='Join the pieces: `"".join(pieces)`.',
        )
        expect_text(str(got), wanted, case, content)


@exercise(
    hints=[
        "The second request needs everything that was said: your sentence, the reply, and the new question.",
        'The reply goes back as a turn: `{"role": "assistant", "content": first.content}`.',
        "Three turns: user with the number, assistant with `first.content`, user with the question.",
    ],
    praise="Three turns travelled. The model has no memory; your list is the memory.",
    stretch=True,
)
def remember(answer: Any, journal: Journal) -> None:
    """Make a second call that knows the number of the first: three turns, the reply as it came."""
    need_reply(answer, "second")
    exchange = exchange_of(answer, journal)
    body = exchange.request if isinstance(exchange.request, dict) else {}
    messages = body.get("messages")
    turns = messages if isinstance(messages, list) else []
    roles = [turn.get("role") for turn in turns if isinstance(turn, dict)]
    words = [text_in(turn.get("content")) for turn in turns if isinstance(turn, dict)]
    back = f"A reply to {len(roles)} {'turn' if len(roles) == 1 else 'turns'}: {', '.join(map(str, roles))}."

    expect(
        not (_has_number(text_in(body.get("system"))) and "assistant" not in roles),
        "fact-in-system",
        sent="The number inside `system`.",
        back=back,
        why="It works once, by hand. A conversation grows by turns, and the reply would still be missing.",
        step="Leave `system` out and send the three turns.",
    )
    expect(
        len(roles) != 1 or not _has_number(words[0]),
        "all-in-one-turn",
        sent="The number and the question in one turn.",
        back=back,
        why="That is one new question, not a conversation. The first reply is lost.",
        step="Send three turns: user, assistant, user.",
    )
    expect(
        len(roles) != 1,
        "question-alone",
        sent="The question alone.",
        back=back,
        why="The API keeps nothing between calls. What is not in `messages` was never said.",
        step="Begin the list with your first sentence and the first reply.",
    )
    expect(
        "assistant" in roles,
        "reply-left-out",
        sent="Both of your turns, without the reply between them.",
        back=back,
        why="Two user turns are read as one. The model cannot know what it answered.",
        step='Put `{"role": "assistant", "content": first.content}` between them.',
    )
    expect(
        roles == ["user", "assistant", "user"],
        "turns-out-of-order",
        sent=f"The roles {', '.join(map(str, roles))}.",
        back=came_back(exchange),
        why="The list is the conversation in the order it happened.",
        step="Send three turns: user, assistant, user.",
    )
    said = words[1]
    replies = {reply_text(each) for each in journal.calls} - {""}
    expect(
        said in replies or not any(text in said for text in replies),
        "reply-as-repr",
        sent="The printed form of the reply as text: `str(...)`.",
        back=back,
        why="The model then reads field names and ids as if it had said them.",
        step="Hand over the blocks themselves: `first.content`.",
    )
    expect(
        _has_number(words[0]),
        "number-missing",
        sent="Three turns, and no number in the first one.",
        back=back,
        why="The exercise is about carrying a fact from the first turn to the last.",
        step="Say your number in the first turn.",
    )
    first_turn = [each for each in journal.calls if reply_text(each) == said and each.question == words[0]]
    expect(
        first_turn,
        "reply-not-its-own",
        sent="An assistant turn that did not come back for your first turn.",
        back=back,
        why="The history has to say what was said. Invented turns lead to odd answers.",
        step="Use `first.content`, from the call above.",
    )
    need_accepted(exchange, "Three turns.")


def _kind_of_model(model: str) -> str:
    retired = models.retired().get(model)
    return f"`{model}`, retired on {retired.day} {retired:%B %Y}" if retired else f"`{model}`"


def _has_number(text: str) -> bool:
    return bool(re.search(rf"\d|\b({NUMBERS})\b", text, re.I))
