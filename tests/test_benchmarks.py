"""The benchmarks print one table, say which bound is not kept, and go on when one of them fails."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
GOOD = """
from figures import Figure
def measure():
    return [Figure("how fast", 1.2, "ms", 2.0), Figure("how often", 80.0, "%", 92.0, "of 9", at_least=True)]
"""
BAD = """
def measure():
    raise OSError("no browser here")
"""


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A folder of two benchmarks, one of which cannot measure."""
    for name in ("run.py", "figures.py"):
        shutil.copy(FOLDER / name, tmp_path)
    (tmp_path / "bench_good.py").write_text(GOOD)
    (tmp_path / "bench_bad.py").write_text(BAD)
    return tmp_path / "run.py"


def run(script: Path, *words: str) -> tuple[int, list[str]]:
    done = subprocess.run([sys.executable, str(script), *words], capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_one_table_shows_every_figure_its_bound_and_what_failed(bench: Path) -> None:
    code, lines = run(bench)
    assert code == 1
    assert [line.split() for line in lines if line.startswith("how")] == [
        ["how", "fast", "1.20", "ms", "at", "most", "2", "0.60"],
        ["how", "often", "of", "9", "80.00", "%", "at", "least", "92", "0.87", "NOT", "KEPT"],
    ]
    assert "bad failed: OSError: no browser here" in lines


def test_a_name_that_is_none_is_told(bench: Path) -> None:
    assert run(bench, "tea") == (2, ["There is no benchmark 'tea'. There are: bad, good."])


@pytest.mark.parametrize("path", sorted(FOLDER.glob("bench_*.py")), ids=lambda path: path.stem)
def test_each_benchmark_measures_figures_and_can_be_run_alone(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    (measure,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "measure"]
    assert not measure.args.args
    assert ast.unparse(measure.returns or tree) == "list[Figure]"
    assert "table(measure())" in ast.unparse(tree.body[-1])
