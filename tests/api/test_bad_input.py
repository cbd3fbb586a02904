"""Everything that is refused: the status, the sentence, the place; and the server goes on."""

from __future__ import annotations

import itertools
import json

import pytest

WITHIN = "n_clusters must be an integer from 2 to 1000, not "
TWO = [{"Age": 20}, {"Age": 60}]


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("n_clusters", "0", WITHIN + "0."),
        ("n_clusters", "1", WITHIN + "1."),
        ("n_clusters", "-3", WITHIN + "-3."),
        ("n_clusters", "2.5", WITHIN + "2.5."),
        ("n_clusters", "1e9", WITHIN + "1000000000.0."),
        ("n_clusters", "true", WITHIN + "true."),
        ("n_clusters", '"5"', WITHIN + "'5'."),
        ("n_clusters", "null", WITHIN + "null."),
        ("n_clusters", "[5]", WITHIN + "a list of 1."),
        ("n_clusters", "201", "n_clusters must be at most the 200 customers there are, not 201."),
        ("random_state", "-1", "random_state must be an integer from 0 to 4294967295, not -1."),
        ("random_state", "1" * 100, "random_state must be an integer from 0 to 4294967295"),
        ("scaling", '"log"', "'none', 'standard', 'robust', 'minmax', not 'log'"),
        (
            "missing",
            '"guess"',
            "missing must be one of 'drop', 'median', 'most_frequent', not 'guess'",
        ),
        ("features", "[]", "features must be a list of 1 to 1000 entries, not an empty list."),
        ("features", '"Age"', "features must be a list of 1 to 1000 entries, not 'Age'."),
        ("features", '["Age", "Age"]', "features must not name anything twice."),
        ("plot", '"yes"', "plot must be true or false, not 'yes'."),
        ("params", "[]", "params must be an object, not an empty list."),
        ("records", "[]", "records must be a list of at least 2 entries, not an empty list."),
        (
            "records",
            '[{"Age": 1}]',
            "records must be a list of at least 2 entries, not a list of 1.",
        ),
        ("records", "{}", "records must be a list of at least 2 entries, not an empty object."),
        ("records", '[{"Age": null}, {"Age": null}]', "numeric column"),
        ("records", '[{"City": "York"}, {"City": "Leeds"}]', "numeric column"),
    ],
)
def test_value_that_breaks_a_rule_is_named(client, assert_problem, field, text, sentence):
    body = f'{{"{field}": {text}}}'.encode()
    assert_problem(client.post("/cluster", body), 422, sentence, at=f"#/{field}")


@pytest.mark.parametrize(
    ("body", "sentence", "place"),
    [
        ({"n_cluster": 5}, "'n_cluster' is not known: did you mean 'n_clusters'?", "#/n_cluster"),
        ({"features": ["Agee"]}, "did you mean 'Age'?", "#/features/0"),
        ({"features": ["Age", 5]}, "features[1] must be text", "#/features/1"),
        ({"features": ["Age\0"]}, "features[0] must be text", "#/features/0"),
        ({"params": {"eps": 1}}, "'eps' is not known in params", "#/params/eps"),
        (
            {"params": {"n_init": 0}},
            "params.n_init must be an integer from 1 to 100, not 0.",
            "#/params/n_init",
        ),
        (
            {"algorithm": "dbscan", "params": {"eps": 0}},
            "params.eps must be a number above 0 and at most 1000000000, not 0.",
            "#/params/eps",
        ),
        (
            {"algorithm": "hdbscan", "params": {"min_samples": "x"}},
            "params.min_samples must be an integer from 1 to 10000 or null, not 'x'.",
            "#/params/min_samples",
        ),
        ({"records": [{"Age": 1}, 5]}, "records[1] must be an object", "#/records/1"),
        (
            {"records": [{"Age": 1}, {}]},
            "records[1] must be an object with 1 to 1000 keys",
            "#/records/1",
        ),
        (
            {"records": [{"Age": 1}, {"Age": {}}]},
            "records[1]['Age'] must be a number",
            "#/records/1/Age",
        ),
        (
            {"records": [{"Age": 1}, {"Age": 1e19}]},
            "records[1]['Age'] must be a number",
            "#/records/1/Age",
        ),
        ({"records": [{"Age": 1}, {"": 2}]}, "Each key in records[1] must be text", "#/records/1"),
        ({"records": [{"A/b~": 1}, {"A/b~": []}]}, "records[1]['A/b~']", "#/records/1/A~1b~0"),
        ({"records": [{"Age": 1, "City": "a\0b"}, {"Age": 2}]}, "without NUL", "#/records/0/City"),
        (
            {"records": TWO, "dataset": "mall"},
            "dataset and records must not be given together.",
            "#",
        ),
        (
            {"records": TWO, "n_clusters": 3},
            "n_clusters must be at most the 2 customers",
            "#/n_clusters",
        ),
        ({"records": TWO, "n_clusters": 2, "features": ["Income"]}, "'Income'", "#/features/0"),
        ({"records": [{"Age": 4}] * 20, "n_clusters": 2}, "equal", None),
        ({"records": [{"Age": 4, "Visits": None}] * 3, "features": ["Visits"]}, "Visits", None),
    ],
)
def test_body_that_does_not_fit_is_placed(client, assert_problem, body, sentence, place):
    assert_problem(client.post("/cluster", body), 422, sentence, at=place)


@pytest.mark.parametrize("path", ["/cluster", "/cluster/dbscan"])
@pytest.mark.parametrize(
    ("body", "value"),
    [([], "an empty list"), ([1], "a list of 1"), (None, "null"), ("x", "'x'"), (5, "5")],
)
def test_body_that_is_no_object_is_one_fault(client, assert_problem, path, body, value):
    problem = assert_problem(client.post(path, body), 422)
    sentence = f"The body must be an object, not {value}."
    assert problem["detail"] == sentence
    assert problem["errors"] == [{"pointer": "#", "detail": sentence}]


@pytest.mark.parametrize(
    ("algorithm", "start", "end"),
    [
        ("kmean", "There is no algorithm 'kmean'", "did you mean 'kmeans'?"),
        ("KMEANS", "There is no algorithm 'KMEANS'", "did you mean 'kmeans'?"),
        ("", "There is no algorithm ''", "it must be one of 'kmeans', 'bisecting_kmeans', "),
        ("x" * 3_000_000, "There is no algorithm 'xxx", "it must be one of 'kmeans'"),
        (5, "algorithm must be one of 'kmeans', ", ", not 5."),
        (None, "algorithm must be one of 'kmeans', ", ", not null."),
        (["kmeans"], "algorithm must be one of 'kmeans', ", ", not a list of 1."),
    ],
)
def test_unknown_algorithm_in_the_body_is_one_fault(client, assert_problem, algorithm, start, end):
    # Whose the params are is not known, so nothing is said about them.
    answer = client.post("/cluster", {"algorithm": algorithm, "params": {"eps": 1}})
    [fault] = assert_problem(answer, 422)["errors"]
    assert fault["pointer"] == "#/algorithm"
    assert fault["detail"].startswith(start)
    assert end in fault["detail"]
    assert len(answer.content) < 1500


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "it is empty"),
        (b"  \n", "it is empty"),
        (b"n_clusters=5", "Expecting value at line 1, column 1"),
        (b'{"n_clusters": 5', "line 1, column 17"),
        (b'{"n_clusters": 5,}', "line 1, column 18"),
        (b'{"n_clusters": 5} {}', "Extra data"),
        (b'{"n_clusters": NaN}', "NaN is not a JSON number"),
        (b'{"n_clusters": Infinity}', "Infinity is not a JSON number"),
        (b'{"n_clusters": -Infinity}', "-Infinity is not a JSON number"),
        (b'{"n_clusters": 1e999}', "the number 1e999 is too large"),
        (b'{"n_clusters": ' + b"9" * 400 + b"}", "is too large"),
        (b'{"n_clusters": ' + b"9" * 5000 + b"}", "is too large"),
        (b'{"n_clusters": 4, "n_clusters": 5}', "the key 'n_clusters' is given twice"),
        (b'{"features": ["A\x00ge"]}', "Invalid control character"),
        (b"\x00", "Expecting value"),
        (b'{"features": ["\xe9"]}', "is not UTF-8"),
        ('{"n_clusters": 5}'.encode("utf-16"), "is not UTF-8"),
        (b'\xef\xbb\xbf{"n_clusters": 5}', "byte order mark"),
        (rb'{"features": ["\ud800"]}', "surrogate"),
        (rb'{"\udfff": 1}', "surrogate"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"params": ' * 50_000, "nested too deeply"),
    ],
)
def test_body_that_is_not_json_is_told_so(client, assert_problem, body, sentence):
    assert_problem(client.post("/cluster", body), 400, "The body is not JSON:", sentence)


@pytest.mark.parametrize(("depth", "status"), [(100, 422), (253, 422), (300, 400), (900, 400)])
def test_depth_that_python_reads_is_still_refused_cleanly(client, assert_problem, depth, status):
    body = b'{"features": ' + b"[" * depth + b"]" * depth + b"}"
    assert_problem(client.post("/cluster", body), status)


@pytest.mark.parametrize(
    ("n_columns", "sentence"),
    [
        (100_000, "records must have at most 1,000 columns, not 100,000."),
        (
            900,
            "records must fill at least one cell in 4, not 100,000 of 100,000 rows by 900 columns.",
        ),
    ],
)
def test_small_body_cannot_ask_for_an_enormous_table(client, assert_problem, n_columns, sentence):
    people = [{str(number % n_columns): 1} for number in range(100_000)]
    assert_problem(client.post("/cluster", {"records": people}), 422, sentence, at="#/records")


def test_faults_are_counted_and_capped(client, assert_problem):
    answer = client.post("/cluster", {f"unknown_{number}": 1 for number in range(300)})
    problem = assert_problem(answer, 422)
    assert problem["detail"] == "The body has more than 20 faults. The first 20 are listed."
    assert len(problem["errors"]) == 20
    exactly = client.post("/cluster", {f"unknown_{number}": 1 for number in range(20)})
    assert assert_problem(exactly, 422)["detail"] == "The body has 20 faults."


def test_long_values_are_cut(client, assert_problem):
    answer = client.post("/cluster", {"scaling": "x" * 100_000, "y" * 3_000_000: 1})
    assert_problem(answer, 422, at="#")
    assert len(answer.content) < 1500
    assert len(client.get("/algorithms/" + "z" * 50_000).content) < 1000


def test_unknown_dataset_is_not_found(client, assert_problem):
    answer = client.post("/cluster", {"dataset": "male"})
    assert_problem(answer, 404, "There is no dataset 'male': did you mean 'mall'?", at="#/dataset")


@pytest.mark.parametrize("path", ["/cluster/kmean", "/cluster/%00", "/cluster/KMEANS"])
def test_unknown_algorithm_in_the_path_is_not_found(client, assert_problem, path):
    assert_problem(client.post(path, {}), 404, "There is no algorithm")


def test_body_may_not_contradict_the_path(client, assert_problem):
    answer = client.post("/cluster/kmeans", {"algorithm": "dbscan"})
    assert_problem(
        answer, 422, "algorithm must be 'kmeans' as in the path, not 'dbscan'.", at="#/algorithm"
    )


def test_wrong_accept_is_told_what_there_is(client, assert_problem):
    for accept in ("text/turtle", "application/json;q=0", "nonsense"):
        assert_problem(client.post("/cluster", {}, accept=accept), 406, "image/png")
    assert_problem(client.get("/algorithms", accept="text/csv"), 406, "application/json")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "application/json; charset=latin-1",
        "",
    ],
)
def test_wrong_content_type_is_refused(client, assert_problem, content_type):
    answer = client.send("POST", "/cluster", b"{}", {"content-type": content_type})
    assert_problem(answer, 415, "Content-Type must be application/json")


def test_compressed_body_is_refused(client, assert_problem):
    assert_problem(client.post("/cluster", {}, content_encoding="gzip"), 415, "Content-Encoding")


def test_body_over_the_limit_is_refused(client, assert_problem):
    body = json.dumps({"records": [{"City": "x" * 5000, "Age": 1}] * 1000}).encode()
    assert len(body) > 5_000_000
    assert_problem(client.post("/cluster", body), 413, "The body must be at most 4,000,000 bytes.")


def test_chunked_body_over_the_limit_is_refused(client, assert_problem):
    pieces = itertools.repeat(b" " * 100_000, 50)
    headers = {"content-type": "application/json", "transfer-encoding": "chunked"}
    answer = client.send("POST", "/cluster", pieces, headers, chunked=True)
    assert_problem(answer, 413, "4,000,000 bytes")


def test_sender_that_waits_to_be_told_is_told_before_it_sends(client, assert_problem):
    headers = {"content-length": "5000000", "expect": "100-continue"}
    answer = client.send("POST", "/cluster", None, headers)
    assert_problem(answer, 413)


def test_limit_is_the_operators(client, assert_problem, monkeypatch):
    monkeypatch.setenv("MALL_MAX_BODY_BYTES", "10")
    assert_problem(client.post("/cluster", {"n_clusters": 5}), 413, "at most 10 bytes")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/algorithms", 200),
        ("GET", "/health/live", 200),
        ("POST", "/algorithms", 405),
        ("PUT", "/cluster", 405),
        ("POST", "/cluster/kmeans/more", 404),
    ],
)
def test_body_where_none_is_asked_for_is_thrown_away(client, method, path, status):
    headers = {"transfer-encoding": "chunked", "expect": "100-continue"}
    pieces = itertools.repeat(b" " * 1_000_000, 40)
    assert client.send(method, path, pieces, headers, chunked=True).status == status


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_wrong_method_is_told_what_is_allowed(client, method):
    answer = client.send(method, "/cluster")
    assert answer.status == 405
    assert answer.headers["allow"] == "POST, OPTIONS"


def test_wrong_method_has_the_shape_of_every_failure(client, assert_problem):
    assert_problem(client.send("DELETE", "/algorithms"), 405, "GET, HEAD, OPTIONS")
    assert_problem(client.send("TRACE", "/health/live"), 405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    "path",
    [
        "/cluster/",
        "/cluster/kmeans/more",
        "/algorithms/nothing",
        "/docs/../spec.py",
        "/docs/x.js",
        "/health",
        "/health/else",
    ],
)
def test_address_below_ours_that_does_not_exist_is_not_found(client, assert_problem, path):
    assert_problem(client.get(path) if path != "/cluster/" else client.post(path, {}), 404)


def test_address_that_is_not_utf_8_is_refused(client, assert_problem):
    assert_problem(client.get("/algorithms/%ff"), 400)


def test_what_was_known_before_is_untouched_by_what_was_refused(client):
    before = client.post("/cluster", {"n_clusters": 3})
    for body in (b"{", b'{"n_clusters": 0}', b'{"records": []}', b"\x00"):
        assert client.post("/cluster", body).status in (400, 422)
    after = client.post("/cluster", {"n_clusters": 3})
    assert after.content == before.content
    assert client.get("/health/live").status == 200
