"""Jobs over HTTP: asked for, watched, fetched, cancelled, and never left behind."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from api.handlers import jobs as handlers
from api.jobs import JobBoard, JobSizes, job_board, job_sizes
from api.message import Request, Response
from api.preference import Preference, preference
from api.problem import Problem
from mall_app.engine import shared_engine
from mall_app.progress import step
from tests.api.conftest import Answer, Client
from tests.engine.waiting import until
from tests.event_loop import run_apart

ASYNC = {"Prefer": "respond-async"}
LONG = {"k_max": 5, "n_bootstraps": 400, "algorithm": "spectral"}


@pytest.fixture(autouse=True)
def _leave_nothing(client: Client) -> Iterator[None]:
    """Stop and forget what a test has begun."""
    yield
    for own in client.get("/jobs").json()["jobs"]:
        client.send("DELETE", f"/jobs/{own['id']}")
        if own["status"] in ("queued", "running"):
            client.send("DELETE", f"/jobs/{own['id']}")


def begin(client: Client, body: Any, path: str = "/cluster", **headers: str) -> str:
    """Ask for a job; gives its address."""
    answer = client.post(path, body, **{**ASYNC, **headers})
    assert answer.status == 202, answer.content
    assert answer.headers["location"] == f"/jobs/{answer.json()['id']}"
    return answer.headers["location"]


def state(client: Client, job: str) -> str:
    return str(client.get(job).json()["status"])


def finished(client: Client, job: str) -> dict[str, Any]:
    until(lambda: state(client, job) not in ("queued", "running"))
    return dict(client.get(job).json())


def same(job: Answer, posted: Answer) -> bool:
    """Whether two answers say the same; when they were made is not part of it."""
    timed = ("server-timing", "date", "x-request-id")
    kept = [{k: v for k, v in own.headers.items() if k not in timed} for own in (job, posted)]
    return (job.status, job.content, kept[0]) == (posted.status, posted.content, kept[1])


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
def test_the_result_is_the_answer_the_post_would_have_given(client: Client, accept: str) -> None:
    job = begin(client, {"n_clusters": 4}, accept=accept)
    done = finished(client, job)
    assert (done["status"], done["place"], done["path"]) == ("succeeded", None, "/cluster")
    assert done["created"] <= done["started"] <= done["finished"]
    assert same(
        client.get(done["result"]), client.post("/cluster", {"n_clusters": 4}, accept=accept)
    )


def test_what_a_model_is_kept_under_comes_with_its_result(client: Client) -> None:
    done = finished(client, begin(client, {"n_clusters": 3}, "/models"))
    answer = client.get(done["result"])
    assert answer.status == 201
    assert client.get(answer.headers["location"]).json()["id"] == answer.json()["id"]
    predicted = finished(
        client, begin(client, {"dataset": "mall"}, f"{answer.headers['location']}/predict")
    )
    assert len(client.get(predicted["result"]).json()["labels"]) == 200
    client.send("DELETE", answer.headers["location"])


def test_a_body_that_breaks_a_rule_is_refused_at_once(client: Client, assert_problem: Any) -> None:
    answer = client.post("/cluster", {"n_clusters": 1}, **ASYNC)
    assert_problem(answer, 422, "n_clusters", at="#/n_clusters")
    assert_problem(client.post("/cluster", b"{", **ASYNC), 400)
    assert_problem(client.post("/cluster", {}, **ASYNC, accept="text/html"), 406)
    assert client.get("/jobs").json() == {"jobs": []}


def test_a_job_that_fails_gives_the_problem(client: Client, assert_problem: Any) -> None:
    rows = [{"a": 1.0}, {"a": 1.0}, {"a": 2.0}] * 3000
    body = {"records": rows, "n_clusters": 3}
    # Behind others: what fails while the engine takes it on is answered at once.
    before = [begin(client, {**LONG, "random_state": 0}, "/evidence")]
    while state(client, before[-1]) != "queued":
        before.append(begin(client, {**LONG, "random_state": len(before)}, "/evidence"))
    job = begin(client, body)
    for own in before:
        client.send("DELETE", own)
    done = finished(client, job)
    assert done["status"] == "failed"
    problem = assert_problem(client.get(done["result"]), 422)
    assert problem == client.post("/cluster", body).json()


def test_whoever_waits_gets_the_answer_itself_if_it_comes_in_time(client: Client) -> None:
    answer = client.post("/cluster", {"n_clusters": 6}, Prefer="respond-async, wait=60")
    assert same(answer, client.post("/cluster", {"n_clusters": 6}))
    assert client.get("/jobs").json() == {"jobs": []}
    late = client.post("/evidence", LONG, Prefer="respond-async, wait=0")
    assert late.status == 202


def test_without_the_preference_nothing_is_a_job(client: Client) -> None:
    assert client.post("/cluster", {}, Prefer="handling=lenient").status == 200
    assert client.get("/algorithms", **ASYNC).status == 200
    assert client.get("/jobs").json() == {"jobs": []}


def test_a_job_tells_how_far_it_is_and_is_cancelled_for_good(
    client: Client, assert_problem: Any
) -> None:
    job = begin(client, LONG, "/evidence")
    until(lambda: (client.get(job).json()["progress"] or {}).get("total"))
    assert_problem(client.get(f"{job}/result"), 409, "running")
    engine = shared_engine()
    assert engine._study_places.taken == 1
    stopped = client.send("DELETE", job)
    assert (stopped.status, stopped.json()["status"]) == (200, "cancelled")
    until(lambda: engine._study_places.taken == 0)
    assert state(client, job) == "cancelled"
    assert_problem(client.get(f"{job}/result"), 409, "cancelled")
    assert client.send("DELETE", job).status == 204
    assert_problem(client.get(job), 404)
    assert_problem(client.get(f"{job}/events"), 404)


def test_a_job_that_waits_says_in_which_place(client: Client) -> None:
    running = [begin(client, {**LONG, "random_state": n}, "/evidence") for n in range(8)]
    waiting = [own for own in running if state(client, own) == "queued"]
    assert [client.get(own).json()["place"] for own in waiting] == [
        n + 1 for n in range(len(waiting))
    ]
    client.send("DELETE", waiting[0])
    assert client.get(waiting[1]).json()["place"] == 1
    listed = [own["id"] for own in client.get("/jobs").json()["jobs"]]
    assert [f"/jobs/{own}" for own in listed] == running[::-1]


def events(client: Client, job: str) -> list[tuple[str, dict[str, Any]]]:
    """Read a stream to its end."""
    answer = client.get(f"{job}/events")
    assert answer.media_type == "text/event-stream"
    found = []
    for block in answer.content.decode().strip().split("\n\n"):
        if not block.startswith(":"):
            name, data = block.split("\n")
            found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_events_tell_progress_and_end_when_the_job_does(client: Client) -> None:
    job = begin(client, {"k_max": 4, "n_bootstraps": 10}, "/evidence")
    told = events(client, job)
    assert {name for name, _ in told[:-1]} <= {"progress"}
    assert told[-1] == ("done", client.get(job).json())
    assert told[-1][1]["status"] == "succeeded"
    assert events(client, job) == told[-1:]
    head = client.send("HEAD", f"{job}/events")
    assert (head.status, head.content) == (200, b"")


def test_a_heartbeat_keeps_a_quiet_stream_open(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "HEARTBEAT_SECONDS", 0.01)
    job = begin(client, LONG, "/evidence")
    assert b": still here" in read_until(client, job, b": still here")


def read_until(client: Client, job: str, wanted: bytes) -> bytes:
    """Read a stream until something is in it or it ends, and close the connection."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as connection:
        connection.sendall(f"GET {job}/events HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        read = b""
        while wanted not in read:
            came = connection.recv(1000)
            if not came:
                break
            read += came
    return read


def test_a_watcher_who_leaves_is_let_go_and_the_job_goes_on(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    original = handlers._events

    async def watched(job: Any) -> Any:
        try:
            async for piece in original(job):
                yield piece
        finally:
            ended.append(job.id)

    monkeypatch.setattr(handlers, "_events", watched)
    job = begin(client, LONG, "/evidence")
    read_until(client, job, b"event:")
    until(lambda: ended)
    assert state(client, job) == "running"


def test_a_client_that_leaves_before_it_has_an_address_leaves_no_job(client: Client) -> None:
    body = json.dumps(LONG)
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=30)
    headers = {"Content-Type": "application/json", "Prefer": "respond-async, wait=60"}
    connection.request("POST", "/evidence", body, headers)
    until(lambda: client.get("/jobs").json()["jobs"])
    connection.close()
    until(lambda: not client.get("/jobs").json()["jobs"])
    until(lambda: shared_engine()._study_places.taken == 0)


SIZES = JobSizes(most=2, most_bytes=100, seconds_kept=60, deadline=60, side_by_side=1)


def asked(n_bytes: int = 1) -> Request:
    return Request("POST", body=b"x" * n_bytes, target="/cluster")


async def answered(n_bytes: int = 1) -> Response:
    return Response(200, {}, b"y" * n_bytes)


async def endless() -> Response:
    await asyncio.sleep(600)
    raise AssertionError


async def rest() -> None:
    """Let everything that is due on the loop happen."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_a_full_board_forgets_what_is_finished_and_refuses_when_nothing_is() -> None:
    async def play() -> None:
        board = JobBoard(SIZES)
        first = board.submit(asked(), answered)
        await rest()
        second = board.submit(asked(), endless)
        third = board.submit(asked(), endless)
        assert board.jobs() == [third, second]
        with pytest.raises(Problem) as refused:
            board.find(first.id)
        assert refused.value.status == 404
        with pytest.raises(Problem) as refused:
            board.submit(asked(), endless)
        assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "10"})
        board.cancel(second)
        await rest()
        assert (second.status, third.status) == ("cancelled", "running")

    run_apart(play())


def test_bytes_of_bodies_and_answers_are_bounded() -> None:
    async def play() -> None:
        board = JobBoard(SIZES)
        with pytest.raises(Problem):
            board.submit(asked(101), endless)
        kept = board.submit(asked(), lambda: answered(60))
        await rest()
        larger = board.submit(asked(), lambda: answered(70))
        await rest()
        assert board.jobs() == [larger]
        assert (kept.status, larger.status) == ("succeeded", "succeeded")
        huge = board.submit(asked(), lambda: answered(101))
        await rest()
        assert huge.response is not None
        assert (huge.status, huge.response.status) == ("failed", 507)
        assert board.jobs() == [huge, larger]

    run_apart(play())


def test_a_finished_job_is_forgotten_after_its_time_and_one_too_long_is_stopped() -> None:
    async def play() -> None:
        board = JobBoard(JobSizes(9, 10_000, seconds_kept=0.01, deadline=0.01, side_by_side=1))
        slow = board.submit(asked(), endless)
        while not slow.finished:
            await slow.change(slow.version)
        assert slow.response is not None
        assert (slow.status, slow.response.status) == ("failed", 504)
        while board.jobs():
            await asyncio.sleep(0.01)

    run_apart(play())


def test_a_job_that_is_cancelled_before_it_begins_gives_its_turn_away() -> None:
    async def play() -> None:
        board = JobBoard(SIZES)
        first = board.submit(asked(), endless)
        board.cancel(first)
        second = board.submit(asked(), answered)
        await rest()
        assert (first.status, second.status) == ("cancelled", "succeeded")

    run_apart(play())


def take_steps() -> None:
    for number in range(4):
        step(number, 3, "Passes")


def test_progress_from_any_thread_is_the_last_one_told() -> None:
    async def play() -> None:
        async def work() -> Response:
            await asyncio.to_thread(take_steps)
            await rest()
            return await endless()

        board = JobBoard(SIZES)
        job = board.submit(asked(), work)
        while job.progress != (3, 3, "Passes"):
            await job.change(job.version)
        board.cancel(job)
        await rest()

    run_apart(play())


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("respond-async", Preference(True)),
        ("RESPOND-ASYNC;why=not", Preference(True)),
        ('note="a, respond-async"', Preference()),
        ("wait=5,respond-async", Preference(True, 5.0)),
        ("respond-async, wait=9999, wait=1", Preference(True, 60.0)),
        ("respond-async, wait=soon", Preference(True)),
        ("respond-asynchronously", Preference()),
        ("", Preference()),
    ],
)
def test_the_preference_is_read_as_rfc_7240_writes_it(header: str, expected: Preference) -> None:
    assert preference(Request("POST", headers={"Prefer": header})) == expected


def test_sizes_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALL_JOBS_MAX", "7")
    monkeypatch.setenv("MALL_JOB_SECONDS", "8")
    monkeypatch.setenv("MALL_WORKERS", "3")
    sizes = job_sizes()
    assert (sizes.most, sizes.seconds_kept, sizes.side_by_side) == (7, 8, 2)
    assert job_board() is job_board()


def test_a_server_that_stops_cancels_what_is_not_finished() -> None:
    jobs: list[Any] = []

    async def play() -> None:
        board = JobBoard(SIZES)
        jobs.append(board.submit(asked(), endless))
        await rest()

    run_apart(play())
    assert [own.status for own in jobs] == ["cancelled"]


@pytest.mark.parametrize("path", ["/cluster", "/datasets", "/evidence", "/compare", "/models"])
def test_a_request_without_a_body_becomes_no_job(client: Client, path: str) -> None:
    answer = client.send("POST", path, headers={**ASYNC, "Content-Type": "text/csv"})
    assert 400 <= answer.status < 500, answer.content
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/jobs").json()["jobs"] == []
