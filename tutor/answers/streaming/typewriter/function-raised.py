def typewriter(pieces):
    text = ""
    for number in range(len(pieces)):
        print(pieces[number], end="", flush=True)
        text += pieces[number]
    return text

exercises.typewriter.check(typewriter)
