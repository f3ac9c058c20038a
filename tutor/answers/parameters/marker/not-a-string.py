def marker(reply):
    text = text_of(reply)
    print(text + "END" if reply.stop_sequence == "END" else text)

exercises.marker.check(marker)
