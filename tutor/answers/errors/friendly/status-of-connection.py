def friendly(call):
    try:
        return call()
    except anthropic.APIError as error:
        if error.status_code == 401:
            return KEY
        if error.status_code in (402, 403):
            return ASK
        if error.status_code == 529:
            return WAIT_OR_OTHER_MODEL
        if error.status_code in (429, 500, 504):
            return WAIT
        return FIX

exercises.friendly.check(friendly)
