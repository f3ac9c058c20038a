"""The tutor on the page: passes messages between a `Chat` and its views, and nothing else.

Question, key and replies travel as messages only. What is synced, and so may be saved in a notebook, is what the
first picture of the tutor needs, before the kernel has said anything.
"""

from __future__ import annotations

import threading
import time
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from tutor import look, models
from tutor.chat import policy, sent, trouble
from tutor.chat.asking import Asking
from tutor.chat.conversation import Turn
from tutor.chat.render import Blocks, markdown

if TYPE_CHECKING:
    from tutor.chat.session import Chat

STATIC = Path(__file__).with_name("static")
FRAME = 1 / 16  # seconds between two drawings of a growing reply


class TutorView(anywidget.AnyWidget):
    """The widget of one chat; it may stand in several cells at once."""

    _esm = (STATIC / "chat.js").read_text(encoding="utf-8")
    _css = look.style() + (STATIC / "chat.css").read_text(encoding="utf-8")
    first = traitlets.Dict().tag(sync=True)

    def __init__(self, chat: Chat) -> None:
        super().__init__(first={**_state(chat), "parts": []})
        self._chat = chat
        self._lock = threading.RLock()
        self._drawn: dict[str, list[str]] = {}
        self._told: dict[str, Any] = {}
        if hasattr(self.comm, "_reply_subshell_for"):
            # ipykernel 7.4 answers on the shell that the widget was made on, which a running cell keeps busy. The page
            # asks for a shell of its own; this lets it have that. https://github.com/ipython/ipykernel/issues/1510
            self.comm._reply_subshell_for = lambda data, default: default
        self.on_msg(self._heard)

    @property
    def reference(self) -> dict[str, Any]:
        """What an output needs to show this widget."""
        version = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"application/vnd.jupyter.widget-view+json": version}

    def tell(self) -> None:
        """Send what is around the conversation: the meter, the suggestions, what goes along with a question."""
        state = _state(self._chat)
        with self._lock:
            if state != self._told:  # a notebook that runs many cells is not worth a message for each
                self._told = state
                self._post("state", state=state)

    def reset(self, view: str = "") -> None:
        """Send the whole conversation, to one view or to all."""
        with self._lock:
            self._told = {}
            turns = list(self._chat.conversation)
            ids = {turn.id for turn in turns}
            self._drawn = {id: html for id, html in self._drawn.items() if id in ids}
            self._post("reset", view=view, turns=[self._turn(turn) for turn in turns], state=_state(self._chat))

    def follow(self, asking: Asking) -> None:
        """Draw a reply while it is written."""
        turn = asking.turn
        with self._lock:
            blocks = Blocks()
            self._drawn[turn.id] = blocks.html
            self._post("turn", turn=self._turn(turn))
        threading.Thread(target=self._draw, args=(asking, blocks), name=f"tutor-draw-{turn.id}", daemon=True).start()

    def _draw(self, asking: Asking, blocks: Blocks) -> None:
        turn, fed, over = asking.turn, 0, False
        while not over:
            asking.changed.wait()
            asking.changed.clear()
            over = asking.over.is_set()
            began = time.thread_time()
            with self._lock:
                text, before = turn.text, list(blocks.html)
                blocks.feed(text[fed:])
                changed = blocks.changed(final=over)
                if changed:
                    tag = {} if fed else {"tag": sent.tag(turn)}
                    news = [_news(before, number, html) for number, html in changed]
                    self._post("blocks", id=turn.id, blocks=news, count=len(blocks.html), final=over, **tag)
                fed = len(text)
            # Drawing takes at most a third of the time, however long the reply.
            asking.over.wait(max(FRAME, 2 * (time.thread_time() - began)))
        with self._lock:
            # Who pressed Stop has looked away from what came after; now the page gets all of it. Who cleared, nothing.
            if self._chat.conversation.find(turn.id) is not None:
                self._post("end", turn=self._turn(turn, blocks=turn.state == "stopped"))
        self.tell()

    def _turn(self, turn: Turn, blocks: bool = True) -> dict[str, Any]:
        """A turn as the page shows it."""
        shown: dict[str, Any] = {
            "id": turn.id,
            "question": turn.question,
            "state": turn.state,
            "tag": sent.tag(turn),
            "trouble": _trouble(turn, self._chat.state().mode),
            "sent": sent.summary(turn) if turn.state != "writing" else "",
            "say": _say(turn),
            "choices": turn.choices,
        }
        if blocks:
            if turn.id not in self._drawn:
                self._drawn[turn.id] = markdown(turn.text)
            shown["blocks"] = [(number, 0, html) for number, html in enumerate(self._drawn[turn.id])]
        return shown

    def _heard(self, _: object, message: dict[str, Any], __: object) -> None:
        """A message of the page. Runs beside a running cell where the kernel can do that, so it only starts things."""
        handler = getattr(self, f"_on_{message.get('type')}", None)
        if handler is not None:
            handler(message)

    def _on_hello(self, message: dict[str, Any]) -> None:
        self.reset(message["view"])

    def _on_ask(self, message: dict[str, Any]) -> None:
        chat = self._chat
        try:
            if message.get("model"):
                chat.model = message["model"]
            asking = chat.begin(
                message["text"],
                id=message["id"],
                parts=message["parts"],
                instead=message.get("instead", ""),
                written=bool(message.get("written")),
            )
        except (RuntimeError, ValueError) as error:
            self._post("no", id=message["id"], say=str(error))
            return
        if message.get("instead"):
            self._post("gone", id=message["instead"])
        asking.start()

    def _on_stop(self, message: dict[str, Any]) -> None:
        asking = self._chat.asking
        if asking is None or asking.turn.id != message["id"]:
            return
        asking.stop()
        if not message["taken"]:  # the page has the question in its box again
            self._chat.conversation.drop(asking.turn.id)
            self._post("gone", id=asking.turn.id)

    def _on_clear(self, _: dict[str, Any]) -> None:
        self._chat.clear()

    def _on_undo(self, _: dict[str, Any]) -> None:
        self._chat.undo()

    def _on_save(self, message: dict[str, Any]) -> None:
        try:
            file = self._chat.save()
        except OSError as error:
            self._post("say", view=message["view"], say=f"Not saved: {error.strerror}.")
            return
        self._post("say", view=message["view"], say=f"Saved beside the notebook, as {file.name}.")
        self.tell()

    def _on_load(self, message: dict[str, Any]) -> None:
        try:
            self._chat.load()
        except (OSError, RuntimeError, ValueError) as error:
            self._post("say", view=message["view"], say=f"Not loaded: {getattr(error, 'strerror', None) or error}")
            self.tell()

    def _on_model(self, message: dict[str, Any]) -> None:
        self._chat.model = message["value"]

    def _on_sent(self, message: dict[str, Any]) -> None:
        turn = self._chat.conversation.find(message["id"])
        if turn is not None:
            html = sent.unfolded(turn, self._chat.lesson, self._chat.events(turn))
            self._post("sent", id=turn.id, view=message["view"], html=html)

    def _on_key(self, message: dict[str, Any]) -> None:
        if self._chat.go_live is None:
            return
        try:
            self._chat.go_live(message["value"], bool(message["remember"]))
        except (OSError, ValueError) as error:
            words = str(error)
            if isinstance(error, OSError):
                words = f"Not remembered: {error.strerror}. Leave that box empty to use the key all the same."
            self._post("key", view=message["view"], good=False, say=words)
            return
        self.reset()  # what helps after a reply that failed may be something else now
        self._post("key", view=message["view"], good=True, say="Live. Your next question tries the key.")

    def _on_back(self, _: dict[str, Any]) -> None:
        if self._chat.go_back is not None:
            self._chat.go_back()
            self.reset()

    def _post(self, type: str, **content: Any) -> None:
        with self._lock:
            self.send({"type": type, **content})


def _state(chat: Chat) -> dict[str, Any]:
    state = chat.state()
    recorded = state.mode == "recorded"
    return {
        "lesson": chat.lesson,
        "meter": policy.meter(state.mode, state.spent, state.cap),
        "live": not recorded,
        "offer": recorded and chat.go_live is not None,
        "back": not recorded and chat.go_back is not None,
        "cap": f"${state.cap:.2f}",
        "words": policy.first_words(state.mode),
        "suggest": [(text, look.mark(mark) if mark else "") for text, mark in chat.offers()],
        "parts": [part._asdict() for part in chat.parts()],
        "lender": policy.lender(),
        "model": chat.model,
        "models": [] if recorded else [_priced(each) for each in sorted(models.all(), key=lambda each: each.price)],
        "saved": chat.saved is not None,
        "undo": chat.can_undo,
    }


def _priced(model: models.Model) -> tuple[str, str]:
    """A model's id, and the words of the menu: what a million tokens cost, in and out."""
    price = f"${sent.money(model.price.input)} in, ${sent.money(model.price.output)} out"
    return model.id, f"{model.id} · per million tokens {price}"


def _news(before: list[str], number: int, html: str) -> tuple[int, int, str]:
    """A block as its number, how much of it the page has already (as the page counts: in UTF-16), and the rest."""
    old = before[number] if number < len(before) else ""
    same = next((at for at, (a, b) in enumerate(zip(old, html, strict=False)) if a != b), min(len(old), len(html)))
    return number, len(html[:same].encode("utf-16-le")) // 2, html[same:]


def _say(turn: Turn) -> str:
    if turn.state == "writing":
        return "Writing. Escape or Stop ends it; what has arrived stays."
    if turn.trouble is not None:
        return turn.trouble.status
    return "Reply complete." if turn.state == "complete" else "Stopped. What had arrived stays."


def _trouble(turn: Turn, mode: str) -> str:
    """What went wrong, as HTML: a mark, two sentences, and the buttons that help; nothing where nothing went wrong."""
    what = turn.trouble
    if what is None:
        return ""
    helps = [help for help in what.helps if mode != "recorded" or help not in (trouble.WRITTEN, trouble.OTHER)]
    buttons = "".join(
        f'<button type="button" data-do="{help}"{_more(help, turn)}{"" if n else " class=primary"}>'
        f"{escape(_label(help, turn))}</button>"
        for n, help in enumerate(helps or [trouble.AGAIN])
    )
    return (
        f'<div class="trouble">{look.mark("error")}<p><strong>{escape(what.title)}</strong> {look.rich(what.text)}</p>'
        f'<div class="tutor-row">{buttons}</div></div>'
    )


def _label(help: str, turn: Turn) -> str:
    other = models.find(policy.other_model(turn.request["model"])) if help == trouble.OTHER else None
    return trouble.LABELS[help] + (f" {_priced(other)[1]}" if other else "")


def _more(help: str, turn: Turn) -> str:
    """What else a button has: how many seconds it waits, or the model it asks."""
    if help == trouble.AGAIN and turn.trouble and turn.trouble.wait:
        return f' data-wait="{turn.trouble.wait}"'
    return f' data-model="{policy.other_model(turn.request["model"])}"' if help == trouble.OTHER else ""
