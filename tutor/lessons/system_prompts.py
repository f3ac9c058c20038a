"""Lesson 02: what belongs in `system`, what it costs, and what it cannot do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tutor.journal import Exchange, Journal
from tutor.lessons._system_prompts_cases import (
    LINES,
    MOST,
    QUESTION,
    RULE,
    RULES,
    STALE,
    STEADY_QUESTION,
    STEADY_STARTER,
    TIMES,
    size,
)
from tutor.lessons._system_prompts_feedback import DATE, expect_each_time, expect_same_system
from tutor.practice import attempted, exercise, expect
from tutor.practice.evidence import came_back, exchange_of, kind, text_in
from tutor.practice.needs import need_accepted, need_reply

TITLE = "System prompts"
SCOPE = """\
The learner designs instructions for a real application: what belongs in `system`, how to say it, what it costs each
time, how caching will help (short; lesson 12), why it outranks the user and still is no lock.
Ask which application it is before you advise."""
SUGGESTIONS = (
    "What should I put in a system prompt?",
    "Why not a message with the role system?",
    "Can a user make Claude ignore it?",
    "Does a long system prompt cost more every time?",
)


@exercise(
    hints=[
        "The request has three fields so far. A fourth one stands beside them, for text that holds for every turn.",
        "The field is called `system`. The list `talk` stays as it is: it goes to `messages`.",
        "`client.messages.create(...)` with `model`, `max_tokens`, `system=rule` and `messages=talk`.",
    ],
    praise="One field for the rule, and the conversation untouched. The rule holds for every turn of it.",
)
def move(answer: Any, journal: Journal) -> None:
    """Send a conversation unchanged, with the rule in its own place."""
    need_reply(answer, "reply")
    exchange = exchange_of(answer, journal)
    body = _body(exchange)
    turns, back = _turns(body), came_back(exchange)
    system = text_in(body.get("system"))
    roles = [turn.get("role") for turn in turns]
    spoken = [text_in(turn.get("content")) for turn in turns if turn.get("role") == "user"]
    with_rule = [text for text in spoken if RULE in text]

    expect(
        "system" not in roles,
        "system-in-messages",
        sent="The rule as a turn with the role `system`.",
        back=back,
        why="`messages` is what was said. A rule for the whole conversation stands outside it.",
        step="Take that turn out, and give its text to the field `system`.",
    )
    expect(
        not (system and with_rule),
        "in-both-places",
        sent="The rule in `system`, and again in `messages`.",
        back=back,
        why="You pay for it twice. Later somebody changes one of the two, and they disagree.",
        step="Keep it in `system`, and send `talk` as it is.",
    )
    expect(
        len(with_rule) < 2,
        "in-every-turn",
        sent=f"The rule in {len(with_rule)} of your turns.",
        back=back,
        why="A conversation grows, and each turn would carry the rule again. You pay for every copy.",
        step="Say it once, in `system`.",
    )
    expect(
        RULE not in (text.strip() for text in spoken),
        "rule-as-a-turn",
        sent="The rule as a turn of the user.",
        back=back,
        why="Then the user has said it. A rule of yours has a place of its own, above the user.",
        step="Move it from `messages` to `system`.",
    )
    expect(
        not with_rule,
        "glued-to-question",
        sent="The rule and the question in one string.",
        back=back,
        why="The question is the user's, the rule is yours. Glued together, nobody can tell them apart.",
        step="Send the question unchanged, and the rule in `system`.",
    )
    expect(
        "system" in body,
        "rule-missing",
        sent="A request without `system`.",
        back=back,
        why="Nobody told the model the rule.",
        step="Add one field: `system=rule`.",
    )
    expect(
        QUESTION not in system,
        "question-in-system",
        sent="The question inside `system`.",
        back=back,
        why="`system` holds what stays the same. Questions change with every call.",
        step="Leave the question in `talk`, and the rule alone in `system`.",
    )
    expect(
        roles == ["user", "assistant", "user"],
        "turns-missing",
        sent=f"{len(turns)} {'turn' if len(turns) == 1 else 'turns'} in `messages`.",
        back=back,
        why="`messages` is the conversation as it was: three turns, none missing and none added.",
        step="Send the whole list: `messages=talk`.",
    )
    expect(
        system.strip() == RULE,
        "other-rule",
        sent="Something else than the rule in `system`.",
        back=back,
        why="The exercise moves one rule, word for word. Then you can see that nothing was lost.",
        step="Write `system=rule`.",
    )
    need_accepted(exchange, "The rule in `system`, the conversation in `messages`.")


@exercise(
    hints=[
        "Which part of `system` differs from call to call? Everything else may stay.",
        "The time belongs to the question: it is new in every call, and so is the user's turn.",
        "`build_system` takes no time. The content of the turn begins with it: `It is ... now.`",
    ],
    praise="Three times, and one `system`, the same to the last byte.",
)
def steady(answer: Any, journal: Journal) -> str | None:
    """Repair `build_system`: the model still learns the time, and `system` is the same in three calls."""
    expect(
        isinstance(answer, Sequence) and not isinstance(answer, str),
        "not-a-list",
        sent=f"{kind(answer).capitalize()}.",
        back="Not a list of replies.",
        why="The check compares three requests, so it needs three replies.",
        step="Hand in the whole list: `check(replies)`.",
    )
    for each in answer:
        need_reply(each, "replies")
    bodies = [_body(exchange_of(each, journal)) for each in answer]
    systems = [body.get("system") for body in bodies]
    starter = [STEADY_STARTER.format(time=time) for time in TIMES]
    said = [[text_in(turn.get("content")) for turn in _turns(body)] for body in bodies]
    untouched = systems == starter and said == [[STEADY_QUESTION]] * len(TIMES)
    attempted(not untouched, "`system` still changes with every call. Repair `build_system`, then run the cell again.")

    expect(
        len(bodies) >= len(TIMES),
        "calls-missing",
        sent=f"{len(bodies)} {'request' if len(bodies) == 1 else 'requests'}.",
        back="Too few to compare.",
        why="Whether `system` stays the same shows only over several calls.",
        step="Ask at all three times, and hand in all three replies.",
    )
    for each in answer:
        need_accepted(exchange_of(each, journal), "Three calls, one of them refused.")
    expect_same_system(systems)
    expect_each_time([" ".join(turns) for turns in said])
    if DATE.search(text_in(systems[0])):
        return "The date in `system` is fine. It changes at midnight, so the first call of a day has a new text."
    return None


@exercise(
    hints=[
        "Go through the rules one by one: which line carries it? Note its number.",
        "Two lines carry the same rule in different words. One is out of date. Three carry no rule from the list.",
        "Seven lines are enough, one for each rule. Of the twins keep the shorter one.",
    ],
    praise="Seven lines, seven rules, about half of the tokens, in every call from now on.",
    stretch=True,
)
def trim(answer: Any, journal: Journal) -> None:
    """Keep as few of twelve lines as you can, so that seven rules still hold, in at most 60 % of the tokens."""
    given: list[Any] = list(answer) if isinstance(answer, (list, tuple, set, frozenset)) else [None]
    expect(
        all(isinstance(number, int) and number in LINES for number in given),
        "not-line-numbers",
        sent=f"{kind(answer).capitalize()}.",
        back="Not a list of line numbers.",
        why="The check looks up what each line says by its number, 1 to 12.",
        step="Write the numbers to keep, such as `keep = [1, 3]`.",
    )
    kept = frozenset(given)
    share = f"{len(kept)} lines, ≈ {size(kept)} of ≈ {size(frozenset(LINES))} tokens."
    expect(
        kept != frozenset(LINES),
        "all-kept",
        sent="All twelve lines.",
        back=share,
        why="Every line is paid for in every call, also a line that says nothing new.",
        step="Find the line that is out of date, and drop it first.",
    )
    lost = next((rule for rule, carriers in RULES.items() if not kept & set(carriers)), "")
    expect(
        not lost,
        "rule-lost",
        sent=f"Lines {', '.join(map(str, sorted(kept))) or 'none'}.",
        back=f"No line left that {lost}.",
        why="Short is good only while every rule still holds.",
        step="Find the line that carries this rule, and take it back in.",
    )
    twins = next((carriers for carriers in RULES.values() if len(kept & set(carriers)) > 1), ())
    expect(
        not twins,
        "twins-kept",
        sent=f"Lines {' and '.join(map(str, twins))}, which carry the same rule.",
        back=share,
        why="Said twice is paid twice. Two wordings can also be read as two rules.",
        step="Keep the shorter one.",
    )
    expect(
        STALE not in kept,
        "stale-line-kept",
        sent=f"Line {STALE}: “{LINES[STALE]}”",
        back=share,
        why="That day is long past. The model may tell customers that the shop is closed.",
        step="Drop it. What changes with time belongs in the question.",
    )
    carriers = {number for every in RULES.values() for number in every}
    filler = next((number for number in sorted(kept) if number not in carriers), 0)
    expect(
        not filler,
        "filler-kept",
        sent=f"Line {filler}: “{LINES.get(filler, '')}”",
        back=share,
        why="It carries none of the seven rules. Capital letters and praise are tokens too.",
        step="Drop it, and look for others of its kind.",
    )
    expect(
        size(kept) <= MOST * size(frozenset(LINES)),
        "longer-twin-kept",
        sent="Line 4, the longer of two that say the same.",
        back=share,
        why="All rules hold, and the limit is 60 %.",
        step="Look for a shorter line with the same rule.",
    )


def _body(exchange: Exchange) -> Mapping[str, Any]:
    return exchange.request if isinstance(exchange.request, Mapping) else {}


def _turns(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    messages = body.get("messages")
    return [turn for turn in messages if isinstance(turn, Mapping)] if isinstance(messages, list) else []
