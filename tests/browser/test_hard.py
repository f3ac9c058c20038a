"""A lesson in a real page when luck is against it: where a key might stay, two browsers at once, a hostile page."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unicodedata import normalize

import nbformat
import planted
import pytest
from browser.conftest import Lab, until
from pypdf import PdfReader

from tutor.journal import Journal
from tutor.relay import Relay
from tutor.settings import Settings

KEY = "sk-ant-" + "api03-planted-Hq3vN8xT5wZ2kB7mR4cJ9sL6"
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"
# Everything that a page can leave in a browser, as text. A control is put into each place first, to be found again.
KEPT = """async () => {
    localStorage.control = sessionStorage.control = document.cookie = "in-a-storage";
    await (await caches.open("control")).put("/control", new Response("in-a-cache"));
    const done = (asked) =>
        new Promise((good, bad) => ((asked.onsuccess = () => good(asked.result)), (asked.onerror = bad)));
    const making = indexedDB.open("control");
    making.onupgradeneeded = () => making.result.createObjectStore("control").put("in-a-database", 1);
    (await done(making)).close();
    const kept = [JSON.stringify([localStorage, sessionStorage, history.state, window.name]), document.cookie];
    for (const { name } of await indexedDB.databases()) {
        const base = await done(indexedDB.open(name));
        for (const store of base.objectStoreNames)
            kept.push(JSON.stringify([name, await done(base.transaction(store).objectStore(store).getAll())]));
        base.close();
    }
    for (const name of await caches.keys())
        for (const reply of await (await caches.open(name)).matchAll()) kept.push(await reply.text());
    await caches.delete("control");
    await done(indexedDB.deleteDatabase("control"));
    return kept;
}"""


@pytest.fixture
def upstream() -> Iterator[Relay]:
    """A stand-in for the live API that knows one key, and keeps a log of its own."""
    api = Relay(Settings(pace=0), Journal())
    api.token = api.mock.token = KEY
    api.start()
    yield api
    api.stop()


@pytest.fixture
def lesson(lab: Lab, upstream: Relay) -> Path:
    """Lesson 01, whose kernel finds the API at `upstream` once it is live."""
    notebook = nbformat.read(lab.root / "01_requests.ipynb", as_version=4)
    address = f"import os\nos.environ |= {{'ANTHROPIC_BASE_URL': {upstream.url!r}, 'TUTOR_MODE': 'recorded'}}"
    notebook.cells = [nbformat.v4.new_code_cell(address), *notebook.cells, nbformat.v4.new_code_cell("")]
    nbformat.write(notebook, lab.root / "live.ipynb")
    return lab.root / "live.ipynb"


def tutor_of(page: Any) -> Any:
    return page.get_by_role("region", name="Tutor").first


def files_with_the_key(lab: Lab, chromium_home: Path) -> list[str]:
    """The files of JupyterLab, of IPython and of Chromium that hold it: notebooks, checkpoints, workspaces, logs."""
    homes = lab.root.parent, chromium_home
    assert {"live-checkpoint.ipynb", "history.sqlite", "lab.log"} <= {path.name for path in planted.files(*homes)}
    return planted.found(KEY, *homes)


def exports(page: Any, lab: Lab) -> dict[str, str]:
    """The notebook as JupyterLab exports it, and as a browser prints that to PDF, without white space."""
    exported = page.evaluate("url => fetch(url).then((reply) => reply.text())", f"{lab.url}/nbconvert/html/live.ipynb")
    other = page.context.new_page()
    other.set_content(exported)
    printed = other.pdf()
    shown = "".join(found.extract_text() for found in PdfReader(io.BytesIO(printed)).pages)
    texts = {"HTML": exported, "PDF": shown, "bytes of the PDF": printed.decode("latin-1")}
    other.close()
    return {name: re.sub(r"\s", "", normalize("NFKC", text)) for name, text in texts.items()}


def with_the_key(texts: dict[str, str]) -> list[str]:
    return [name for name, text in texts.items() if KEY in text]


def test_a_key_of_go_live_stays_nowhere_and_one_in_a_cell_only_where_we_say(
    lesson: Path, lab: Lab, upstream: Relay, open_notebook: Any, run_all: Any, run_cell: Any, type_into_cell: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    home = max(tmp_path_factory.getbasetemp().glob("chromium*"), key=lambda path: path.stat().st_mtime)
    page = open_notebook("live.ipynb")
    for number, cell in enumerate(nbformat.read(lesson, as_version=4).cells):
        if number == 0 or "= start(" in cell.source or cell.source == "chat":
            run_cell(page, number)
    tutor = tutor_of(page)
    box = tutor.get_by_role("textbox", name="Ask the tutor")

    # The whole lesson live, and a question to the tutor; then everything is saved and exported.
    tutor.get_by_role("button", name="Go live", exact=True).click()
    tutor.get_by_label("API key").fill(KEY)
    tutor.get_by_role("button", name="Use this key").click()
    tutor.get_by_text(re.compile(r"live, \$0\.00 of")).wait_for()
    run_all(page)
    box.fill("What is a token?")
    box.press("Enter")
    tutor.get_by_text("Reply complete.").wait_for()
    tutor.get_by_role("button", name="Save").click()
    tutor.get_by_text("Saved beside the notebook").wait_for()
    page.evaluate(SAVE)
    assert len([each for each in upstream.journal if "You are the tutor" not in str(each.request)]) > 5
    assert any("You are the tutor" in str(each.request) for each in upstream.journal)
    until(lambda: list((lab.root.parent / "workspaces").iterdir()), "JupyterLab kept no workspace.")
    kept = page.evaluate(KEPT)
    assert all(control in str(kept) for control in ("in-a-storage", "in-a-cache", "in-a-database"))
    assert KEY not in str([kept, page.context.storage_state(), page.content()])
    assert files_with_the_key(lab, home) == []
    first = exports(page, lab)
    assert all("Photosynthesisishowplants" in first[name] for name in ("HTML", "PDF"))
    assert with_the_key(first) == []

    # Pasted into a cell it is where the cell is. Once its warning is followed it is left in IPython's history alone.
    type_into_cell(page, -1, f"key = {KEY!r}")
    cell = run_cell(page, -1)
    cell.get_by_text("revoke it at platform.claude.com/settings/keys").wait_for()
    page.evaluate(SAVE)
    places = ["history.sqlite", "live-checkpoint.ipynb", "live.ipynb"]
    until(lambda: files_with_the_key(lab, home) == places, "IPython wrote no history.")  # it does so in a thread
    assert with_the_key(exports(page, lab)) == ["HTML", "PDF"]
    type_into_cell(page, -1, "key = None")
    run_cell(page, -1)
    page.evaluate(SAVE)
    until(lambda: files_with_the_key(lab, home) == ["history.sqlite"], "The key is in more files than the history.")

    # Typed into the question by mistake it is refused, and gone with the page; other words would wait there.
    box.fill(KEY)
    box.press("Enter")
    tutor.get_by_text("That looks like an API key, so it was not sent.").wait_for()
    page.reload()
    assert KEY not in str([page.evaluate(KEPT), page.context.storage_state()])


@pytest.fixture
def small(lab: Lab) -> str:
    """A notebook with little more than a lesson's set-up cell and its tutor."""
    sources = ["from tutor import start\nclient, exercises, chat = start('requests')", "chat", ""]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), lab.root / "small.ipynb")
    return "small.ipynb"


def test_a_key_that_cannot_be_one_or_be_remembered_is_told_and_the_page_goes_on(
    small: str, open_notebook: Any, run_all: Any, run_cell: Any, type_into_cell: Any
) -> None:
    page = open_notebook(small)
    run_all(page)
    type_into_cell(page, -1, "import pathlib, tutor.course\ntutor.course.house().relay.root = pathlib.Path('/nowhere')")
    run_cell(page, -1)
    tutor = tutor_of(page)
    tutor.get_by_role("button", name="Go live", exact=True).click()
    for key, remember, words in (
        ("hello my key", False, "Expected the key to be one word of plain letters"),
        (KEY, True, "Not remembered: No such file or directory."),
        (KEY, False, "Live. Your next question tries the key."),
    ):
        tutor.get_by_label("Remember on this computer").set_checked(remember)
        tutor.get_by_label("API key").fill(key)
        tutor.get_by_role("button", name="Use this key").click()
        tutor.get_by_text(words).wait_for()


def test_two_browsers_on_one_lesson_see_one_conversation_and_overwrite_nothing_unasked(
    small: str, lab: Lab, open_notebook: Any, run_all: Any, run_cell: Any, type_into_cell: Any
) -> None:
    pages = [open_notebook(small) for _ in range(2)]
    for page in pages:
        run_all(page)
    tutors = [tutor_of(page) for page in pages]
    for asking, question, words in (
        (0, "What is a token?", "is a piece of text as the model reads it"),
        (1, "Why is the reply a list of blocks?", "Because a reply can hold"),
    ):
        box = tutors[asking].get_by_role("textbox", name="Ask the tutor")
        box.fill(question)
        box.press("Enter")
        for tutor in tutors:
            tutor.get_by_role("article", name="You").filter(has_text=question).wait_for()
            tutor.get_by_role("article", name="Tutor").last.filter(has_text=words).wait_for()
    for page, words in zip(pages, ("written here first", "and here later"), strict=True):
        type_into_cell(page, -1, f"print({words!r})")
    pages[0].evaluate(SAVE)
    pages[1].evaluate("() => void window.jupyterapp.commands.execute('docmanager:save')")
    pages[1].get_by_role("button", name="Overwrite").wait_for()  # JupyterLab asks, and nothing is lost unasked
    assert "written here first" in (lab.root / small).read_text(encoding="utf-8")


# What somebody else's page can try with the address of a relay: above all the requests of which no browser asks first.
ATTACK = """async ([url, body]) => {
    const plain = { method: "POST", mode: "no-cors", headers: { "content-type": "text/plain" }, body };
    const read = (reply) => reply.text().then((text) => reply.type + text);
    const tried = [
        fetch(url, plain).then(read),
        fetch(url, { ...plain, credentials: "include" }).then(read),
        fetch(url, { method: "POST", body, headers: { "x-api-key": "guessed" } }).then(read),
        fetch(url).then(read),
    ];
    document.body.innerHTML = `<iframe name="frame"></iframe><form method="post" enctype="text/plain" target="frame"
        action="${url}"><input name='{"a":"' value='"}'></form><img src="${url}">`;
    document.forms[0].submit();
    navigator.sendBeacon(url, body);
    return (await Promise.allSettled(tried)).map((one) => one.value ?? String(one.reason));
}"""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of a page of somebody else. It is on this computer: Chromium keeps pages from afar away from it."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>A page</title><body></body>")

        def log_message(self, *_: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_web_page_in_the_learner_s_browser_gets_nothing_sent_and_learns_nothing(
    browser: Any, elsewhere: str, upstream: Relay
) -> None:
    relay = Relay(Settings(mode="live", key=KEY, upstream=upstream.url), Journal())
    relay.start()
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(elsewhere)
        body = json.dumps({"model": "claude-haiku-5-5", "max_tokens": 9, "messages": []})
        learnt = page.evaluate(ATTACK, [f"{relay.url}/v1/messages", body])
        assert learnt == ["opaque", "opaque", *["TypeError: Failed to fetch"] * 2]
        until(lambda: len(relay.journal) >= 7, "The page's requests did not come.")
        by_method = {(exchange.method, exchange.status) for exchange in relay.journal}
        assert by_method == {("POST", 403), ("OPTIONS", 403), ("GET", 403), ("GET", 401)}
        assert (len(upstream.journal), relay.budget.spent) == (0, 0)
    finally:
        context.close()
        relay.stop()
