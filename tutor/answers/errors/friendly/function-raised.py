def friendly(call):
    try:
        return call()
    except anthropic.AuthentificationError:
        return KEY
    except (anthropic.PaymentRequiredError, anthropic.PermissionDeniedError):
        return ASK
    except anthropic.OverloadedError:
        return WAIT_OR_OTHER_MODEL
    except (anthropic.RateLimitError, anthropic.InternalServerError):
        return WAIT
    except anthropic.APIConnectionError:
        return NETWORK
    except anthropic.APIStatusError:
        return FIX

exercises.friendly.check(friendly)
