def marker(reply):
    text = text_of(reply)
    return text + "END" if reply.stop_sequence == "END" else text

exercises.marker.check(marker)
