def marker(reply):
    return {"END": text_of(reply) + "END", None: text_of(reply)}[reply.stop_sequence]

exercises.marker.check(marker)
