"""What happens when a fit is slow, the queue is full, or the client goes away: for real."""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api import limits
from api.handlers import cluster, health
from mall_app.engine import Engine
from mall_app.errors import WorkerDied


class SlowEngine(Engine):
    """An engine whose every fit takes `seconds`, whatever it is asked."""

    seconds = 60.0
    last = None

    def fit(self, table, settings, *, deadline=None):
        self.last = self.call(time.sleep, self.seconds, deadline=deadline)
        return self.last

    def is_fitting(self):
        return self.last is not None and self.last.running()


class BrokenEngine(SlowEngine):
    """An engine that fails with `error`."""

    error: Exception

    def fit(self, table, settings, *, deadline=None):
        raise self.error


@pytest.fixture
def slow(monkeypatch):
    """Put a slow engine with one worker and no queue behind the server."""
    engine = SlowEngine(workers=1, queue=0, deadline=30)
    engine.call(time.sleep, 0, deadline=120.0).result(timeout=120)  # the worker is up
    monkeypatch.setattr(cluster, "shared_engine", lambda: engine)
    monkeypatch.setattr(health, "shared_engine", lambda: engine)
    yield engine
    engine.close()


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def is_free(engine):
    return engine._places.taken == 0


def test_deadline_gives_504_and_frees_the_worker(client, assert_problem, slow):
    slow.deadline = 0.3
    assert_problem(client.post("/cluster", {}), 504, "deadline of 0.3 seconds")
    assert slow.call(os.getpid, deadline=30.0).result(timeout=30)


def test_client_that_goes_away_stops_its_fit(client, slow):
    worker = slow.call(os.getpid).result(timeout=10)
    connection = http.client.HTTPConnection("127.0.0.1", client.port)
    connection.request("POST", "/cluster", b"{}", {"content-type": "application/json"})
    wait_until(slow.is_fitting)
    connection.close()
    wait_until(lambda: is_free(slow))
    assert slow.call(os.getpid).result(timeout=10) != worker  # that process was killed


def test_client_that_goes_away_while_a_large_table_is_packed_stops_its_fit(client, slow):
    packing, gone = threading.Event(), threading.Event()
    fit = slow.fit

    def packed_slowly(*args):
        packing.set()
        assert gone.wait(10)
        return fit(*args)

    slow.fit = packed_slowly
    people = [{"Age": number % 60, "Visits": number % 7} for number in range(6_000)]
    connection = http.client.HTTPConnection("127.0.0.1", client.port)
    body = json.dumps({"records": people})
    connection.request("POST", "/cluster", body, {"content-type": "application/json"})
    assert packing.wait(10)
    connection.close()
    client.get("/health/live")  # the server has seen by now that it is gone
    gone.set()
    wait_until(lambda: slow.last is not None and slow.last.cancelled())
    wait_until(lambda: is_free(slow))


def test_full_queue_gives_503_and_when_to_come_back(client, assert_problem, slow):
    connection = http.client.HTTPConnection("127.0.0.1", client.port)
    connection.request("POST", "/cluster", b"{}", {"content-type": "application/json"})
    wait_until(lambda: not is_free(slow))
    answer = client.post("/cluster", {})
    assert_problem(answer, 503, "waiting")
    assert int(answer.headers["retry-after"]) >= 1
    connection.close()
    wait_until(lambda: is_free(slow))


def test_server_answers_others_while_a_fit_runs(client, slow):
    connection = http.client.HTTPConnection("127.0.0.1", client.port)
    connection.request("POST", "/cluster", b"{}", {"content-type": "application/json"})
    wait_until(lambda: not is_free(slow))
    for _ in range(20):
        assert client.get("/algorithms").status == 200
    assert not is_free(slow)  # it runs on
    connection.close()
    wait_until(lambda: is_free(slow))


def test_server_answers_others_while_a_long_body_is_read(client, monkeypatch):
    reading, answered = threading.Event(), threading.Event()
    read_cluster_call = cluster.read_cluster_call

    def slowly(body, algorithm):
        reading.set()
        assert answered.wait(10)
        return read_cluster_call(body, algorithm)

    monkeypatch.setattr(cluster, "read_cluster_call", slowly)
    rows = b",".join(b'{"Age":%d,"Visits":%d}' % (n % 60, n % 7) for n in range(2_000))
    body = b'{"records":[' + rows + b'],"n_clusters":"none"}'
    with ThreadPoolExecutor(1) as sender:
        answer = sender.submit(client.post, "/cluster", body)
        assert reading.wait(10)
        assert client.get("/health/live").status == 200
        answered.set()
        assert answer.result().status == 422


def test_dead_worker_is_told_without_its_reason(client, assert_problem, monkeypatch, caplog):
    engine = BrokenEngine(workers=1)
    engine.error = WorkerDied("exit code -9 in /srv/secret.py")
    monkeypatch.setattr(cluster, "shared_engine", lambda: engine)
    answer = client.post("/cluster", {})
    assert_problem(answer, 503, "The process doing the work died", "try again")
    assert answer.headers["retry-after"] == "1"
    assert "secret" in caplog.text


def test_surprise_is_logged_under_its_request_and_not_told(
    client, assert_problem, monkeypatch, caplog
):
    engine = BrokenEngine(workers=1)
    engine.error = ZeroDivisionError("secret")
    monkeypatch.setattr(cluster, "shared_engine", lambda: engine)
    answer = client.post("/cluster", {}, x_request_id="mine-1")
    assert_problem(answer, 500, "Quote request mine-1")
    assert b"secret" not in answer.content
    assert "request mine-1 failed" in caplog.text
    assert "ZeroDivisionError: secret" in caplog.text


def test_body_that_comes_too_slowly_is_given_up(client, monkeypatch):
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.3)
    for start_line in ("POST /cluster", "GET /algorithms", "TRACE /cluster", "POST /cluster/no"):
        with socket.create_connection(("127.0.0.1", client.port), timeout=10) as sender:
            head = f"{start_line} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{"
            sender.sendall(head.encode())
            while sender.recv(65536):
                pass  # an answer may come first; the end of the connection is what is waited for
    assert client.post("/cluster", {}).status == 200


def test_not_ready_is_503_until_a_worker_is_up(client, assert_problem, monkeypatch):
    engine = Engine(workers=1)
    monkeypatch.setattr(health, "shared_engine", lambda: engine)
    answer = client.get("/health/ready")
    assert_problem(answer, 503)
    assert answer.headers["retry-after"]
    wait_until(lambda: client.get("/health/ready").status == 200, 30)
    assert client.get("/health/ready").json() == {"status": "ready"}
    engine.close()
