def marker(reply):
    return text_of(reply) + (reply.stop_sequence or "")

exercises.marker.check(marker)
