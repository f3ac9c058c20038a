def friendly(call):
    try:
        return call()
    except anthropic.APIConnectionError:
        return NETWORK
    except anthropic.APIStatusError as error:
        text = str(error)
        if "x-api-key" in text:
            return KEY
        if "billing" in text or "Permission" in text:
            return ASK
        if "Overloaded" in text:
            return WAIT_OR_OTHER_MODEL
        if "rate limit" in text or "Internal" in text or "timed out" in text:
            return WAIT
        return FIX

exercises.friendly.check(friendly)
