def marker(reply):
    text = text_of(reply)
    return text + "END" if "END" in text else text

exercises.marker.check(marker)
