"""The checks of the lessons: one module for each notebook, of the same name."""
