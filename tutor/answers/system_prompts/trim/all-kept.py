keep = list(lines)

exercises.trim.check(keep)
