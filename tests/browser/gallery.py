"""Everything the course shows, once each, in one notebook of a real JupyterLab: for the tests of the look."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from fake_api import FakeApi, Reply

ANSWERS = Path(__file__).resolve().parents[2] / "tutor" / "answers" / "requests"
TUTORS = ("first", "replied", "writing", "failed", "keyed")
QUESTION = "Does streaming make the answer finish sooner?"

START = """
from tutor import log, plots, predict, start

client, exercises, chat = start("requests")
"""
OTHER_LINES = """
from tutor.chat import Chat, ChatState
from tutor.course import PastedKey, Status

display(Status("Requests", ChatState("live", "claude-haiku-5-5", 0.14, 1.0), "1 of 3 exercises done"))
display(Status("Requests", ChatState("record", "claude-haiku-5-5", 1.0, 1.0), "1 of 3 exercises done"))
PastedKey()
"""
REPLY = """
message = {"role": "user", "content": "Explain photosynthesis in one sentence."}
client.messages.create(model="claude-haiku-5-5", max_tokens=200, messages=[message])
"""
CANNOT_CHECK = """
class Odd:
    def __getattribute__(self, name):
        raise RuntimeError

exercises.text_of.check(Odd())
"""
PREDICT = 'predict(6, 9, "Three tries, each sent three times. Set `max_retries=0` where your own code retries.")'
TUTOR = """
from tutor.api import Client

def tutor(mode="recorded"):
    how = [mode]
    talk = Client(api_key="none", base_url={url!r}, max_retries=0)
    found = Chat(
        lesson="streaming", title="Streaming", scope="a reply while it is written.",
        suggestions=[{question!r}, "What are the events, in order?", "Why is there a ping?", "Was it cut off?"],
        client=lambda: talk, state=lambda: ChatState(how[0], "claude-haiku-5-5", 0.14, 1.0),
        go_live=lambda key, remember: how.insert(0, "live"), lesson_text=lambda: "# Streaming",
    )
    found.saw_cell("answer = 42\\nanswer + 1")
    found.saw_verdict("assemble", "not yet", "thinking-added", "Sent: 61 characters.", "def assemble(events): ...")
    return found

first, replied, writing, failed, keyed = tutor(), tutor(), tutor("live"), tutor("live"), tutor()
"""
ANSWER = f"""\
No. The **last** word comes at the same moment. Only the wait for the **first** one is shorter:

$$
T = t_1 + \\frac{{n}}{{v}}
$$

- $t_1$ is the wait for the first piece, in [seconds](https://example.org)
- `n` is the number of output tokens

| seconds until | in one piece | streamed |
|---|--:|--:|
| first word | 4.1 | 0.6 |
| last word | 4.1 | 4.1 |

> Quoted words are quiet.

```python
for piece in stream.text_stream:
    print(piece, end="", flush=True)  # a line that is too long for a narrow window scrolls by itself
```

What did your typewriter print before the second piece came? A word without end: {"x" * 300}
"""


def _answer(name: str) -> str:
    return (ANSWERS / f"{name}.py").read_text(encoding="utf-8")


def write(url: str, file: Path) -> None:
    """The notebook, as a file. `url` is the API that its tutors ask."""
    sources = [START, OTHER_LINES, REPLY, "log[-1]"]
    sources += ["exercises.remember.check(...)", _answer("text_of/thinking-joined-in"), CANNOT_CHECK]
    sources += [_answer("text_of/solution"), "exercises.remember.hint()", "exercises.remember.solution()"]
    sources += ["exercises.remember.solution(show=True)", PREDICT, "plots.request_and_reply(log.calls[0])"]
    sources += ["exercises", "exercises.map", TUTOR.format(url=url, question=QUESTION), *TUTORS]
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), file)


def tutors(page: Any) -> dict[str, Any]:
    """The tutors on the page, by the state that they are in."""
    found = page.get_by_role("region", name="Tutor", exact=True)
    return {name: found.nth(place) for place, name in enumerate(TUTORS)}


def fill(page: Any, api: FakeApi) -> None:
    """Bring each tutor into its state, and open every fold."""
    there = tutors(page)
    api.replies = [
        Reply(pieces=re.findall(r"(?s).{1,40}", ANSWER)),
        Reply(status=529, error=("overloaded_error", "Overloaded")),
        Reply(pieces=["A `ping` carries nothing. It tells your program that the line"], then="silent", headers={}),
    ]
    said = {"replied": "Reply complete.", "failed": "Stopped: the API is busy.", "writing": "Writing."}
    for name, words in said.items():
        there[name].get_by_role("button", name=QUESTION).click()
        there[name].get_by_role("status").filter(has_text=words).wait_for()
    there["writing"].get_by_text("carries nothing").wait_for()
    there["keyed"].get_by_role("button", name="Go live").click()
    there["keyed"].get_by_role("button", name="Use this key").click()
    page.evaluate("() => document.querySelectorAll('.tutor details').forEach(fold => (fold.open = true))")
    there["replied"].get_by_role("tab", name="JSON").wait_for()
    page.evaluate("() => document.activeElement.blur()")
