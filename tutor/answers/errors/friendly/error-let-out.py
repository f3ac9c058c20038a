def friendly(call):
    try:
        return call()
    except anthropic.BadRequestError:
        return FIX
    except anthropic.AuthenticationError:
        return KEY
    except anthropic.RateLimitError:
        return WAIT

exercises.friendly.check(friendly)
