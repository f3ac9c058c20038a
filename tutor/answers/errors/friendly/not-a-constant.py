def friendly(call):
    try:
        return call()
    except anthropic.AuthenticationError:
        return "Look at your key!"
    except (anthropic.PaymentRequiredError, anthropic.PermissionDeniedError):
        return ASK
    except anthropic.OverloadedError:
        return WAIT_OR_OTHER_MODEL
    except (anthropic.RateLimitError, anthropic.InternalServerError):
        return WAIT
    except anthropic.APIConnectionError:
        return NETWORK
    except anthropic.APIStatusError:
        return None

exercises.friendly.check(friendly)
