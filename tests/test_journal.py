"""An exchange shows itself without secrets, and the journal keeps a bounded number of them."""

import threading

from tutor.journal import HIDDEN, Exchange, Journal, hide

KEY = "sk-ant-planted-0123456789"


def made(number=0, **given):
    request = {"model": "m", "messages": [{"role": "user", "content": f"question {number}"}]}
    headers = hide(
        {"authorization": f"Bearer {KEY}", "x-api-key": KEY, "host": "127.0.0.1:1", "content-type": "application/json"}
    )
    given = {"request_headers": headers, "request": request, "status": 200, **given}
    return Exchange("POST", "/v1/messages", reply_headers={"request-id": f"req_{number}", "date": "today"}, **given)


def test_credentials_are_replaced():
    assert made().request_headers["authorization"] == HIDDEN
    assert KEY not in repr(made()) + made()._repr_html_()


def test_an_exchange_shows_chosen_headers_and_counts_the_others():
    shown = repr(made(reply={"content": []}))
    assert "content-type: application/json\n... and 1 more header" in shown
    assert "127.0.0.1" not in shown
    assert "today" not in shown
    assert '"content": []' in shown


def test_markup_in_a_reply_is_shown_as_text():
    assert "<script>" not in made(reply={"text": "<script>alert(1)</script>"})._repr_html_()


def test_a_very_long_text_is_shortened_when_shown():
    assert "(5,000 characters)" in repr(made(reply={"text": "x" * 5000}))


def test_the_question_is_the_last_text_of_the_last_user_turn():
    blocks = [{"type": "text", "text": "context"}, {"type": "text", "text": "the question"}]
    turns = [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": blocks},
    ]
    assert made(request={"messages": turns}).question == "the question"
    assert made(request=[1]).question == made(request={"messages": 3}).question == ""


def test_an_unusual_status_is_shown_as_it_is():
    assert made(status=529).reason == "529"
    assert made(status=None).reason == "no reply"


def test_the_oldest_is_forgotten():
    journal = Journal(keep=3)
    for number in range(5):
        journal.add(made(number))
    assert [exchange.request_id for exchange in journal] == ["req_2", "req_3", "req_4"]
    assert journal[-1].request_id == "req_4"
    assert [exchange.request_id for exchange in journal[:2]] == ["req_2", "req_3"]


def test_heavy_exchanges_are_forgotten_by_weight():
    journal = Journal(keep_bytes=50)
    for number in range(64):
        journal.add(made(number, reply_body=b"x" * 10))
    assert len(journal) == 5


def test_an_exchange_is_found_by_its_request_id():
    journal = Journal()
    journal.add(made(1))
    assert journal.find("req_1") is journal[0]
    assert journal.find("req_2") is None
    assert journal.find(None) is None


def test_the_tutors_own_requests_are_not_among_the_calls():
    journal = Journal()
    journal.add(made(1, origin="chat"))
    journal.add(made(2))
    assert [exchange.request_id for exchange in journal.calls] == ["req_2"]


def test_since_gives_what_came_after_the_mark():
    journal = Journal(keep=2)
    journal.add(made(1))
    mark = journal.mark()
    assert journal.since(mark) == []
    for number in (2, 3, 4):
        journal.add(made(number))
    assert [exchange.request_id for exchange in journal.since(mark)] == ["req_3", "req_4"]


def test_many_threads_may_add_at_once():
    journal = Journal(keep=10_000)
    threads = [threading.Thread(target=lambda: [journal.add(made()) for _ in range(200)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal) == journal.mark() == 1600


def test_an_empty_journal_says_so_and_is_still_there():
    assert repr(Journal()) == "Nothing was sent yet."
    assert Journal()
