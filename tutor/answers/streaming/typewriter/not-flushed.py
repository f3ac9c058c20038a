def typewriter(pieces):
    text = ""
    for piece in pieces:
        print(piece, end="")
        text += piece
    return text

exercises.typewriter.check(typewriter)
