def marker(reply):
    text = text_of(reply)
    return text if text.endswith(".") else text + "END"

exercises.marker.check(marker)
