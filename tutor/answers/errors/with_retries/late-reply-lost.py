def with_retries(call, sleep, rand):
    hopeful = (anthropic.RateLimitError, anthropic.InternalServerError, anthropic.APIConnectionError)
    try:
        return call()
    except hopeful:
        for retry in range(3):
            sleep(0.5 * 2**retry * (0.5 + rand()))
            try:
                call()
                break
            except hopeful:
                if retry == 2:
                    raise

exercises.with_retries.check(with_retries)
