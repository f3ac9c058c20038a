def marker(reply):
    text = reply.content[0].text
    return text + "END" if reply.stop_sequence == "END" else text

exercises.marker.check(marker)
