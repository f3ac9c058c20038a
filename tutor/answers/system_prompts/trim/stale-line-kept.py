keep = [1, 3, 5, 7, 8, 9, 10, 11]

exercises.trim.check(keep)
