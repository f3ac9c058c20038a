def with_retries(call, sleep, rand):
    hopeful = (anthropic.RateLimitError, anthropic.InternalServerError, anthropic.APIConnectionError)
    for retry in range(4):
        try:
            return call()
        except hopeful as error:
            last = error
            sleep(0.5 * 2**retry * (0.5 + rand()))
    raise last

exercises.with_retries.check(with_retries)
