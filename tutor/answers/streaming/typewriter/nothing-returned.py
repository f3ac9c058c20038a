def typewriter(pieces):
    for piece in pieces:
        print(piece, end="", flush=True)

exercises.typewriter.check(typewriter)
