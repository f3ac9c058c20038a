def marker(reply):
    return text_of(reply) + "END"

exercises.marker.check(marker)
