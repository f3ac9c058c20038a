def marker(reply):
    text = text_of(reply)
    return text + "END" if reply.stop_reason == "stop_sequence" else text

exercises.marker.check(marker)
