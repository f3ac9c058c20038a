"""Exercises: check, hint, solution; verdicts; progress."""

from tutor.practice.exercise import Exercise, Exercises, exercise, found, untouched
from tutor.practice.feedback import Panel, Verdict, attempted, checkable, expect, present
from tutor.practice.guess import predict
from tutor.practice.progress import Progress

__all__ = [
    "Exercise",
    "Exercises",
    "Panel",
    "Progress",
    "Verdict",
    "attempted",
    "checkable",
    "exercise",
    "expect",
    "found",
    "predict",
    "present",
    "untouched",
]
