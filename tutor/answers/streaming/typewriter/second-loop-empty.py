def typewriter(pieces):
    for piece in pieces:
        print(piece, end="", flush=True)
    return "".join(pieces)

exercises.typewriter.check(typewriter)
