def with_retries(call, sleep, rand):
    hopeful = (anthropic.RatelimitError, anthropic.InternalServerError, anthropic.APIConnectionError)
    for retry in range(4):
        try:
            return call()
        except hopeful as error:
            if retry == 3:
                raise
            wait = 0.5 * 2**retry * (0.5 + rand())
            if isinstance(error, anthropic.APIStatusError):
                asked = error.response.headers.get("retry-after")
                if asked:
                    wait = float(asked) + wait
            sleep(wait)

exercises.with_retries.check(with_retries)
