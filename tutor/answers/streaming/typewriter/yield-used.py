def typewriter(pieces):
    for piece in pieces:
        print(piece, end="", flush=True)
        yield piece

exercises.typewriter.check(typewriter)
