"""Below a NameError in a lesson stands the next step, if a cell of that lesson makes the name and has not run.

Installing the course puts this file where IPython runs it in every kernel of that Python, before the course is loaded.
"""


def _with_next_step(shell, kind, error, trace, tb_offset=None):
    """Show the error as ever. The notebook, as it was saved last, tells whether it makes the name."""
    import json
    import os
    import re

    try:
        with open(os.environ.get("JPY_SESSION_NAME", ""), encoding="utf-8") as file:
            cells = json.load(file)["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, LookupError, TypeError):
        code = []  # not a notebook, or one that cannot be read
    setup = [cell for cell in code if "from tutor import" in cell][:1]
    if kind is NameError and setup and error.name not in shell.user_ns:
        name = re.escape(error.name)
        made = rf"^((def|class) {name}\b|(\w+, )*{name}(, \w+)* = |(from|import) .*\b{name}\b)"
        makers = [cell for cell in code if re.search(made, cell, re.MULTILINE)]
        if makers[:1] == setup:
            error.add_note("Next: run the set-up cell at the top of the lesson.")
            error.add_note("Or run all cells above this one: Run > Run All Above Selected Cell.")
        elif makers:
            error.add_note("Next: run all cells above this one: Run > Run All Above Selected Cell.")
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


get_ipython().set_custom_exc((NameError,), _with_next_step)  # noqa: F821, IPython puts it here
del _with_next_step
