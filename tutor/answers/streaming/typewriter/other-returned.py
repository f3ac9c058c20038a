def typewriter(pieces):
    seen = []
    for piece in pieces:
        print(piece, end="", flush=True)
        seen.append(piece)
    return seen

exercises.typewriter.check(typewriter)
