"""What is wrong with an installation, in plain words: `python -m tutor.doctor`."""
