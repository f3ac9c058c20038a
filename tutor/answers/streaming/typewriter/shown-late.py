def typewriter(pieces):
    text = "".join(pieces)
    print(text, end="", flush=True)
    return text

exercises.typewriter.check(typewriter)
