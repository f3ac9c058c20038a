"""How a lesson is exported and printed: with the course's own page, and without asking the network for anything."""

from pathlib import Path

c = get_config()  # noqa: F821, Jupyter puts it here

HERE = Path(__file__).resolve().parent
c.TemplateExporter.extra_template_basedirs = [str(HERE / "templates")]
c.TemplateExporter.extra_template_paths = [str(HERE.parent / "tutor")]  # where look.css is
c.HTMLExporter.template_name = "course"
