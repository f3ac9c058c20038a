def typewriter(pieces):
    text = ""
    for piece in pieces:
        print(piece, end="", flush=True)
        text += piece
    return text

exercises.typewriter.check(typewriter(["a", "b"]))
