def build_system(time):
    text = f"You answer customers of Baobab Books. {time} We are open from nine to six."
    return text.replace(time, " " * (time > "12:00"))

def ask_at(time):
    turn = {"role": "user", "content": f"It is {time}. Are you open now?"}
    return send(system=build_system(time), messages=[turn])

replies = [ask_at(time) for time in ("08:30", "13:15", "18:20")]
exercises.steady.check(replies)
