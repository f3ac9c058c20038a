def marker(reply):
    return text_of(reply) + reply.stop_sequence

exercises.marker.check(marker)
