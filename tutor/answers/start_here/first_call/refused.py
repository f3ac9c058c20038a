import os

import httpx

reply = httpx.post(os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", json={"messages": questions[2]})

exercises.first_call.check(reply)
