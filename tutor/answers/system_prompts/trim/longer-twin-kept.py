keep = [1, 4, 5, 7, 8, 10, 11]

exercises.trim.check(keep)
