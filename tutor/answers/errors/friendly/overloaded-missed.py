def friendly(call):
    try:
        return call()
    except anthropic.APIStatusError as error:
        if error.status_code in (400, 404, 413):
            return FIX
        if error.status_code == 401:
            return KEY
        if error.status_code in (402, 403):
            return ASK
        if error.status_code in (429, 500, 504):
            return WAIT
        raise
    except anthropic.APIConnectionError:
        return NETWORK

exercises.friendly.check(friendly)
