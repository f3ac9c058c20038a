"""Breaks the checks of one lesson in small ways, and counts the breaks that a verdict in the tests would show.

    python benchmarks/mutants.py streaming         survivors with their lines, and the share that was caught
    python benchmarks/mutants.py streaming --all   the caught ones too

A mutant changes one comparison, condition, boolean operator, number or string in a check or in a helper it calls, those
of `practice/needs.py` and `practice/evidence.py` among them; the decorator is off. What only words a verdict (`sent`,
`back`, `why`, `step`, f-strings) keeps its strings, but not its conditions and numbers.

The lesson's tests run once, and every answer they judge is noted with its verdict. For each mutant the answers are
judged again in this process, and the tests without fixtures run again. It is caught when an outcome or a feedback
differs, when a test fails, or when either takes longer than `LIMIT` seconds. Ends with 1 if fewer than `WANTED` are
caught, the equivalent ones left out.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from tutor.journal import Journal  # noqa: E402
from tutor.practice import Exercise, Verdict, evidence, found, needs  # noqa: E402

LIMIT, WANTED = 3.0, 0.90
WORDS = {
    "sent",
    "back",
    "why",
    "step",
    "case",
    "name",
    "shown",
    "given",
}  # keywords and variables that only word a verdict
EQUIVALENT = {
    ("steady", "0", "1"): "all are the same text by then",
    ("expect_same_system", "0", "1"): "whether all are equal shows beside any of them",
    ("expect_each_time", "0", "1"): "all times are the same in this line",
    ("expect_same_system", "''", "'X'"): "what replaces opening hours is no time either way",
    ("trim", "size(kept) <= MOST * size(frozenset(LINES))", "size(kept) < MOST * size(frozenset(LINES))"): (
        "60 % of these lines is no whole number of tokens"
    ),
    ("Call.__call__", "3", "4"): "a call later, and named all the same",
    ("Call.__call__", "self.calls > 3", "self.calls >= 3"): "the third call has raised by then",
    ("Call.__call__", "'Enough.'", "'Enough.X'"): "by then the verdict is a loop, whatever the text",
    ("tried", "99", "100"): "the end comes after `STEPS`",
    ("tried", "len(result.steps) > STEPS", "len(result.steps) >= STEPS"): "30 steps are as endless as 31",
    ("survived", "3", "4"): "the second call is already one too many",
    ("survived", "result.calls > 3", "result.calls >= 3"): "as above",
}
"""Function, code and mutant, and why no answer can tell them apart."""

SWAPS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


# --- what the tests judge ---------------------------------------------------------------------------


@dataclass
class Judged:
    """A verdict that a test asked for, and as much of it as the test looks at."""

    exercise: str
    answer: Any
    journal: Journal
    verdict: tuple[str, ...]
    direct: bool  # by `judge`, not by a cell's `check`

    def seen(self, verdict: Verdict) -> tuple[str, ...]:
        text = verdict.text if self.direct and verdict.outcome == "done" else ""
        return verdict.outcome, verdict.feedback, text


class Recorder:
    """A pytest plugin: keeps to one lesson, and notes the answers that are judged and the tests without fixtures."""

    def __init__(self, lesson: str) -> None:
        self.lesson = lesson
        self.judged: list[Judged] = []
        self.plain: list[Callable[[], None]] = []

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = [item for item in items if self._given(item).get("lesson", self.lesson) == self.lesson]
        for item in items:
            ours = item.path.stem in (f"test_{self.lesson}", "test_evidence", "test_needs")
            if ours and set(item.fixturenames) == set(self._given(item)):
                self.plain.append(partial(item.obj, **self._given(item)))

    @staticmethod
    def _given(item: Any) -> dict[str, Any]:
        callspec = getattr(item, "callspec", None)
        return dict(callspec.params) if callspec else {}

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note what is judged."""
        judge = Exercise.judge

        def noted(exercise: Exercise, answer: Any) -> Verdict:
            journal = Journal(keep=10**6, keep_bytes=10**12)
            for exchange in exercise.journal:
                journal.add(exchange)
            verdict = judge(exercise, answer)
            if exercise.lesson == self.lesson:
                direct = "tests" in Path(sys._getframe(1).f_code.co_filename).parts
                one = Judged(exercise.name, answer, journal, (), direct)
                self.judged.append(replace(one, verdict=one.seen(verdict)))
            return verdict

        Exercise.judge = noted  # type: ignore[method-assign]
        try:
            yield
        finally:
            Exercise.judge = judge  # type: ignore[method-assign]


# --- mutants ----------------------------------------------------------------------------------------


@dataclass
class Mutant:
    """One change: where it is, what was there, what is there now, and the code it makes."""

    function: str
    place: str
    old: str
    new: str
    made: FunctionType


def mutants(function: FunctionType) -> Iterator[Mutant]:
    """Every small change of a function, its decorators left off."""
    path = Path(inspect.getsourcefile(function) or "")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    line = function.__code__.co_firstlineno
    defined = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == function.__name__]
    node = next(each for each in defined if line in (each.lineno, *(part.lineno for part in each.decorator_list)))
    node.decorator_list = []
    for parent, field, place, child, words in _nodes(node):
        for other in _changes(parent, child, words):
            shown = ast.unparse(child), ast.unparse(other)
            ast.copy_location(other, child)
            _put(parent, field, place, other)
            code = compile(ast.fix_missing_locations(ast.Module([node], [])), str(path), "exec")
            _put(parent, field, place, child)
            names = dict(function.__globals__)
            exec(code, names)
            at = f"{path.name}:{getattr(child, 'lineno', node.lineno)}"
            yield Mutant(function.__qualname__, at, *shown, names[node.name])


@contextmanager
def taking(function: FunctionType, other: FunctionType) -> Iterator[None]:
    """Let a function do what another one does, for everyone who holds it."""
    parts = ("__code__", "__defaults__", "__kwdefaults__")
    own = [getattr(function, part) for part in parts]
    for part in parts:
        setattr(function, part, getattr(other, part))
    try:
        yield
    finally:
        for part, value in zip(parts, own, strict=True):
            setattr(function, part, value)


def _nodes(node: ast.AST, words: bool = False) -> Iterator[tuple[ast.AST, str, int | None, ast.AST, bool]]:
    """Each node with its parent and its place there, and whether it belongs to the words of a verdict."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "type_comment", "ctx", "op", "ops", "format_spec"):
            continue
        for place, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _is_docstring(child):
                continue
            inside = words or _is_words(node, field, place, child)
            yield node, field, place, child, inside
            yield from _nodes(child, inside)


def _is_words(node: ast.AST, field: str, place: int | None, child: ast.AST) -> bool:
    named = getattr(node, "func", None)
    if isinstance(child, ast.Assign) and isinstance(child.targets[0], ast.Name):
        return child.targets[0].id in WORDS
    after_the_first = field == "args" and bool(place) and isinstance(named, ast.Name)
    asks = after_the_first and named.id.startswith(("expect", "attempted", "checkable", "need_", "raised"))  # type: ignore[union-attr]
    return isinstance(child, ast.JoinedStr) or (isinstance(child, ast.keyword) and child.arg in WORDS) or asks


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(parent: ast.AST, node: ast.AST, words: bool) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            for other in SWAPS[type(op)]:
                yield ast.Compare(node.left, [*node.ops[:place], other(), *node.ops[place + 1 :]], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant) and type(node.value) in (bool, int, float):
        yield ast.Constant(not node.value if isinstance(node.value, bool) else node.value + 1)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not words:
        yield ast.Constant(f"{node.value}X")
    negated = isinstance(node, ast.UnaryOp) or (isinstance(node, ast.Compare) and len(node.ops) == 1)
    if isinstance(node, ast.expr) and _is_condition(parent, node) and not negated:
        yield ast.UnaryOp(ast.Not(), node)


def _is_condition(parent: ast.AST, node: ast.expr) -> bool:
    if isinstance(parent, ast.Call):
        asks = isinstance(parent.func, ast.Name) and parent.func.id in ("expect", "attempted", "checkable")
        return asks and parent.args[:1] == [node]
    return node is getattr(parent, "test", None) or (isinstance(parent, ast.comprehension) and node in parent.ifs)


def _put(parent: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[place] = node


# --- which functions a check reaches ------------------------------------------------------------------


def reached(check: Callable[..., Any], modules: list[ModuleType]) -> dict[str, FunctionType]:
    """A check and all functions and methods of the lesson's modules that it calls, by their qualified names."""
    known = {name: thing for module in modules for name, thing in vars(module).items() if _is_from(thing, modules)}
    todo, all_found = [check], dict[str, FunctionType]()
    while todo:
        thing: Any = todo.pop()
        if inspect.isclass(thing):
            todo += [getattr(part, "fget", part) for part in vars(thing).values()]
        elif isinstance(thing, FunctionType) and thing.__qualname__ not in all_found and _is_written(thing):
            all_found[thing.__qualname__] = thing
            todo += [known[name] for code in _codes(thing.__code__) for name in code.co_names if name in known]
    return all_found


def _is_from(thing: Any, modules: list[ModuleType]) -> bool:
    return getattr(thing, "__module__", None) in {module.__name__ for module in modules}


def _is_written(function: FunctionType) -> bool:
    return ROOT in Path(function.__code__.co_filename).parents  # a dataclass writes some itself


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


# --- the run ----------------------------------------------------------------------------------------


class TooLong(BaseException):
    """A check that a mutant made endless."""


@contextmanager
def limited() -> Iterator[None]:
    """Ends what is inside after `LIMIT` seconds, also if the end is caught once."""

    def ring(*_: Any) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, LIMIT, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def differs(each: Judged, exercises: dict[str, Exercise]) -> bool:
    """Whether an answer gets another verdict now."""
    exercise = exercises[each.exercise]
    exercise.journal = each.journal
    try:
        with limited():
            return each.seen(exercise.judge(each.answer)) != each.verdict
    except TooLong:
        return True


def fails(test: Callable[[], None]) -> bool:
    """Whether a test fails now."""
    try:
        with limited(), redirect_stdout(io.StringIO()):
            test()
    except (Exception, TooLong):
        return True
    return False


def counted(lesson: str, every: bool = False) -> dict[str, int]:
    """Break the checks of a lesson, print what no verdict shows, and count; unbroken its tests have to pass."""
    recorder = Recorder(lesson)
    names = ("lessons/test_answers", f"lessons/test_{lesson}", "practice/test_evidence", "practice/test_needs")
    tests = [str(ROOT / "tests" / f"{name}.py") for name in names]
    with recorder.listening():
        if pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), *tests], plugins=[recorder]) != 0:
            raise AssertionError(f"The tests of {lesson} do not pass, so nothing can be learnt from breaking it.")
    exercises = found(importlib.import_module(f"tutor.lessons.{lesson}"))
    beside = [path.stem for path in (ROOT / "tutor" / "lessons").glob(f"_{lesson}_*.py")]
    modules = [importlib.import_module(f"tutor.lessons.{name}") for name in (lesson, *beside)] + [needs, evidence]
    reach = {name: reached(exercise.run, modules) for name, exercise in exercises.items()}
    judged = [each for each in recorder.judged if not differs(each, exercises)]
    plain = [test for test in recorder.plain if not fails(test)]
    print(f"\n{len(judged)} of {len(recorder.judged)} verdicts come out the same when judged again,", end=" ")
    print(f"{len(plain)} of {len(recorder.plain)} tests without fixtures pass when called again.")
    counts = {"caught": 0, "survived": 0, "equivalent": 0}
    for function in {name: each for functions in reach.values() for name, each in functions.items()}.values():
        name = function.__qualname__
        watching = [each for each in judged if name in reach[each.exercise]]
        for mutant in mutants(function):
            with taking(function, mutant.made):
                caught = any(differs(each, exercises) for each in watching) or any(map(fails, plain))
            reason = EQUIVALENT.get((mutant.function, mutant.old, mutant.new), "")
            result = "caught" if caught else "equivalent" if reason else "survived"
            counts[result] += 1
            if every or result != "caught":
                print(f"{result:<10} {mutant.place:<32} {mutant.old}  ->  {mutant.new}  {reason}")
    return counts


def share(counts: dict[str, int]) -> float:
    """How many of the breaks that could be noticed were."""
    return counts["caught"] / max(1, counts["caught"] + counts["survived"])


def main(lesson: str, every: bool) -> int:
    """Print what survived, and the share that was caught; 1 if it is too small."""
    counts = counted(lesson, every)
    print(
        f"{lesson}: {', '.join(f'{number} {result}' for result, number in counts.items())}; {share(counts):.1%} caught"
    )
    return int(share(counts) < WANTED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--all" in sys.argv))
