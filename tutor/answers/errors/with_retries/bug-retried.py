def with_retries(call, sleep, rand):
    for retry in range(4):
        try:
            return call()
        except Exception as error:
            status = getattr(error, "status_code", 500)
            if retry == 3 or status in (400, 401, 403, 404):
                raise
            sleep(0.5 * 2**retry * (0.5 + rand()))

exercises.with_retries.check(with_retries)
