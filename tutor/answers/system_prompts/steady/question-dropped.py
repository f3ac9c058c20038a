def build_system():
    return "You answer customers of Baobab Books. We are open from nine to six."

def ask_at(time):
    turn = {"role": "user", "content": f"It is {time} now."}
    return send(system=build_system(), messages=[turn])

replies = [ask_at(time) for time in ("08:30", "13:15", "18:20")]
exercises.steady.check(replies)
