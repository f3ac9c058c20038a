"""The data of lesson 02's exercises; the notebook shows the same texts, and a test compares them."""

from __future__ import annotations

RULE = "Answer in one sentence, for a child of eight."
QUESTION = "Why does the sea taste of salt?"

STEADY_QUESTION = "Are you open now?"
STEADY_STARTER = "You answer customers of Baobab Books. We are open from nine to six. It is {time} now."
TIMES = ("08:30", "13:15", "18:20")

LINES = {
    1: "You answer customers of Baobab Books, a bookshop in Dakar.",
    2: "You are a helpful, friendly, polite and extremely professional assistant.",
    3: "Answer in the language of the customer.",
    4: "To Wolof, answer in Wolof; to French, in French; to Arabic, in Arabic; and so on.",
    5: "Keep to three sentences.",
    6: "Read each question twice before you begin.",
    7: "Parcels take 5 working days in Senegal and 12 abroad.",
    8: "A parcel that is later than that is sent again, free of charge.",
    9: "The shop is closed until 31 August 2025.",
    10: "For payments, give the address pay@baobab.example.",
    11: "Help with books and orders. For anything else, say kindly that you cannot.",
    12: "These rules are VERY IMPORTANT. Follow them at ALL times!!!",
}
RULES = {
    "speaks for the shop": (1,),
    "answers in the customer's language": (3, 4),
    "keeps to three sentences": (5,),
    "knows how long parcels take": (7,),
    "knows what happens to late parcels": (8,),
    "sends payment questions to the right address": (10,),
    "stays with books and orders": (11,),
}
STALE = 9
MOST = 0.60


def size(numbers: frozenset[int]) -> int:
    """About how many tokens these lines have."""
    from tutor.mock import tokens

    return tokens.estimate("\n".join(LINES[number] for number in sorted(numbers)))
