keep = [1, 2, 3, 5, 7, 8, 10, 11]

exercises.trim.check(keep)
