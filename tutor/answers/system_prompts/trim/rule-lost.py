keep = [1, 3, 5, 7, 8, 11]

exercises.trim.check(keep)
