keep = lines[1]

exercises.trim.check(keep)
