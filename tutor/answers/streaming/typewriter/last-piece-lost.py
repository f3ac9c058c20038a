def typewriter(pieces):
    text = ""
    previous = ""
    for piece in pieces:
        print(previous, end="", flush=True)
        text += previous
        previous = piece
    return text

exercises.typewriter.check(typewriter)
