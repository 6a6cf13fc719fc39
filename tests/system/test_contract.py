"""web/openapi.yaml against the daemon: every route, every example."""

import json
import os
import re
import shutil
import subprocess
import urllib.parse

import contract
import images
from rigd import Events, Failed, Rig, expect, slot

ROUTES = os.path.join(os.path.dirname(__file__), "..", "..", "daemon", "api", "routes.c")
ROUTE = re.compile(r'\{\s*HTTP_(\w+),\s*(API_ROOT\s+)?"([^"]*)",\s*(\w+),\s*SCOPE_(\w+),\s*BODY_(\w+),\s*([^{}]*?)\s*\}')
METHODS = ("get", "post", "put", "patch", "delete")


def defines():
    """The macros of query parameters: name -> text."""
    found = {}
    folder = os.path.dirname(ROUTES)
    for name in os.listdir(folder):
        if name.endswith((".c", ".h")):
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                text = f.read().replace("\\\n", " ")
            for macro, value in re.findall(r'#define (\w+)\s+((?:"[^"]*"|\s|\w)+)\n', text):
                if '"' in value:
                    found[macro] = value
    return found


def words(text, macros):
    """What stands in a C string made of literals and macros."""
    parts = re.findall(r'"([^"]*)"|(\w+)', text)
    return "".join(literal or (words(macros[name], macros) if name in macros else "") for literal, name in parts)


def routes():
    """(method, path) -> (scope, body, query) of every route in the table."""
    macros = defines()
    with open(ROUTES, encoding="utf-8") as f:
        table = f.read()
    found = {}
    for method, root, path, _, scope, body, query in ROUTE.findall(table):
        found[method.lower(), (contract.ROOT if root else "") + path] = (scope.lower(), body, set(words(query, macros).split()) - {"NULL"})
    expect(len(found) == table.count("{ HTTP_"), "the table is not read right:", len(found), "of", table.count("{ HTTP_"))
    return found


def operations():
    """(method, path) -> (path item, operation) of everything that is described."""
    found = {}
    for path, item in contract.spec()["paths"].items():
        base = item.get("servers", contract.spec()["servers"])[0]["url"].rstrip("/")
        for method in METHODS:
            if method in item:
                found[method, base + path] = (item, item[method])
    return found


def parameters(item, operation, place):
    every = [contract.deref(p) for p in item.get("parameters", []) + operation.get("parameters", [])]
    return [p for p in every if p["in"] == place]


def test_every_route_is_described_and_every_description_is_a_route():
    table, described = routes(), operations()
    page = {("get", "/")}
    expect(set(table) - set(described) <= page, "not described:", sorted(set(table) - set(described) - page))
    expect(not set(described) - set(table), "described and not there:", sorted(set(described) - set(table)))
    for key, (item, operation) in described.items():
        scope, body, query = table[key]
        expect(operation.get("x-scope", "none") == scope, key, "x-scope is", operation.get("x-scope"), "not", scope)
        expect((operation.get("security") == []) == (scope == "none"), key, "security")
        expect(("requestBody" in operation) == (body != "NONE"), key, "requestBody", body)
        names = {p["name"] for p in parameters(item, operation, "query")}
        expect(names == query, key, "query: described are", names, "known are", query)
        placed = set(re.findall(r"\{(\w+)\}", key[1]))
        expect({p["name"] for p in parameters(item, operation, "path")} == placed, key, "path parameters")
        needed = {"401"} if scope != "none" else set()
        needed |= {"403"} if scope in ("operate", "admin") else set()
        needed |= {"413", "415"} if body == "JSON" else set()
        needed |= {"400"}
        expect(needed <= set(operation["responses"]), key, "lacks", needed - set(operation["responses"]))


def test_everything_described_is_used():
    used = set(re.findall(r'\$ref: "#/components/(\w+/\w+)"', open(contract.FILE, encoding="utf-8").read()))
    used |= {f"schemas/{name}" for name in contract.EVENTS.values()}
    used |= {f"securitySchemes/{name}" for s in contract.spec()["security"] for name in s}
    there = {f"{kind}/{name}" for kind, members in contract.spec()["components"].items() for name in members}
    expect(there == used, "unused:", there - used, "missing:", used - there)


def examples_of(thing):
    """Every example of a media type or a parameter, by name."""
    if "example" in thing:
        yield "example", thing["example"]
    for name, example in thing.get("examples", {}).items():
        yield name, contract.deref(example)["value"]


def test_every_example_of_an_answer_is_one():
    n = 0
    for (method, path), (_, operation) in operations().items():
        for status, response in operation["responses"].items():
            for kind, media in contract.deref(response).get("content", {}).items():
                for name, example in examples_of(media):
                    if kind == "application/json":
                        contract.fit(media["schema"], example, method, path, status, "example", name)
                    n += 1
    expect(n > 40, "only", n, "examples")


def bench():
    """A rig where most of what the examples name is there: slots left and right, dumps 1 and 2, image 1."""
    return Rig(slot("left", target="bk7252", chip="XT25F32B", entry_success="0.5")
               + slot("right", target="bk7252", chip="XT25F32B"), rig="max_queued = 1000")


def furnish(rig):
    rig.backup("left")
    rig.backup("right")
    rig.ask("POST", "/api/v1/images?name=one.bin", images.noise(200000, 1), raw=True)


def address(path, item, operation, query=None):
    """The URL with the path parameters of their examples."""
    for p in parameters(item, operation, "path"):
        example = p.get("example", contract.deref(p["schema"]).get("example"))
        expect(example is not None, path, p["name"], "has no example")
        path = path.replace("{" + p["name"] + "}", urllib.parse.quote(str(example)))
    return path + ("?" + urllib.parse.urlencode(query) if query else "")


def is_stream(operation):
    return "text/event-stream" in operation["responses"].get("200", {}).get("content", {})


def bytes_of(kind):
    """A body of that type; an empty tar is two blocks of zeros."""
    return {"application/json": None, "application/x-tar": bytes(1024)}.get(kind, b"\xff" * 5000)


def requests_of(item, operation):
    """(name, query, JSON body or bytes or None) for each example of a request."""
    content = contract.deref(operation.get("requestBody", {})).get("content", {})
    body = next(((bytes_of(kind), media) for kind, media in content.items()), (None, {}))
    required = {p["name"]: p["example"] for p in parameters(item, operation, "query") if p.get("required")}
    bodies = list(examples_of(body[1])) if body[0] is None else []
    if not bodies:
        bodies = [("plain", body[0])]
    for name, value in bodies:
        yield name, required, value
    for p in parameters(item, operation, "query"):
        for name, value in examples_of(p):
            yield f"{p['name']} {name}", {**required, p["name"]: value}, bodies[0][1]


def try_example(rig, method, path, item, operation, name, query, body):
    url = address(path, item, operation, query)
    raw = isinstance(body, (bytes, str))
    headers = {"Content-Type": "application/octet-stream"} if raw and method != "get" else {}
    reply = rig.ask(method.upper(), url, body, headers, raw)
    # What an example names may be gone, in use or not of the right kind by then; it must never be a mistake.
    wrong_token = {401} if operation["operationId"] == "logIn" else set()
    expect(reply.status in {200, 201, 202, 204, 206, 404, 409, 422} | wrong_token, method, url, name, "answered", reply.status, reply.body[:300])
    return reply.status < 300


def test_every_example_of_a_request_is_understood():
    order = {"get": 0, "post": 1, "put": 2, "patch": 2, "delete": 3}
    good, tried = 0, 0
    with bench() as rig:
        furnish(rig)
        for (method, path), (item, operation) in sorted(operations().items(), key=lambda o: order[o[0][0]]):
            if is_stream(operation):
                continue
            for name, query, body in requests_of(item, operation):
                well = try_example(rig, method, path, item, operation, name, query, body)
                expect(well or method != "get" or "{" in path, method, path, name, "does not work")
                good, tried = good + well, tried + 1
    expect(good > 0.6 * tried, "only", good, "of", tried, "work")


def test_events_are_what_is_described():
    with bench() as rig:
        events = Events(rig)
        job = rig.submit("backup", "left")
        kinds = set()
        while not {"snapshot", "job", "slot", "dump"} <= kinds:
            kinds.add(events.next()[1])
        events.close()
        rig.wait(job)


def test_checker_finds_what_is_not_described():
    """The check itself: an answer that is not as described must be found."""
    class Answer:
        def __init__(self, status, body, kind="application/json"):
            self.status, self.body, self.headers = status, body, {"content-type": kind}

    good = b'{"name":"a","version":"1","api":1,"schema":1,"uptime_s":1,"demo":false,"auth":{"needed":false,"scope":null}}'
    contract.check("GET", "/api/v1/info", None, Answer(200, good))
    bad = [("GET", "/api/v1/info", None, Answer(200, good.replace(b'"api":1', b'"api":"1"'))),
           ("GET", "/api/v1/info", None, Answer(200, good.replace(b'"demo":false', b'"demo":false,"more":1'))),
           ("GET", "/api/v1/info", None, Answer(200, good, "text/plain")),
           ("GET", "/api/v1/info", None, Answer(418, b'{"error":{"code":"teapot","message":"x"}}')),
           ("GET", "/api/v1/info?x=1", None, Answer(200, good)),
           ("GET", "/api/v1/hidden", None, Answer(200, good)),
           ("PUT", "/api/v1/info", None, Answer(200, good)),
           ("POST", "/api/v1/session", {"token": "x", "more": 1}, Answer(204, b"", ""))]
    for method, target, body, answer in bad:
        try:
            contract.check(method, target, body, answer)
        except contract.Broken:
            continue
        raise Failed(f"not found: {method} {target} {answer.status}")


def page(what):
    done = subprocess.run(["node", os.path.join(os.path.dirname(__file__), "..", "openapi", "page.mjs"), what],
                          capture_output=True, timeout=60, check=False)
    expect(done.returncode == 0, done.stderr.decode()[-800:])
    return done.stdout


def same(one, other, at=""):
    """Equal, but for integers that JavaScript has no room for."""
    if isinstance(one, dict) and isinstance(other, dict):
        expect(set(one) == {str(k) for k in other}, at, list(one), list(other))
        for key in other:
            same(one[str(key)], other[key], f"{at}/{key}")
    elif isinstance(one, list) and isinstance(other, list):
        expect(len(one) == len(other), at)
        for i, pair in enumerate(zip(one, other)):
            same(*pair, f"{at}/{i}")
    else:
        expect(one == other or (isinstance(one, int) and one > 2 ** 53 and abs(one - other) < 1024), at, repr(one), repr(other))


def test_page_of_the_api_reads_the_description_as_it_is():
    if not shutil.which("node"):
        return "no node (Debian: nodejs)"
    same(json.loads(page("read")), contract.spec())


def test_page_of_the_api_shows_everything():
    if not shutil.which("node"):
        return "no node (Debian: nodejs)"
    html = page("render").decode()
    ids = re.findall(r'<section id="([^"]+)"', html)
    expect(len(set(ids)) == len(ids), "an id is there twice")
    wanted = {o["operationId"] for _, o in operations().values()} | {f"schema-{n}" for n in contract.spec()["components"]["schemas"]}
    expect(set(ids) == wanted, wanted ^ set(ids))
    expect(set(re.findall(r'href="#([^"]+)"', html)) <= set(ids), set(re.findall(r'href="#([^"]+)"', html)) - set(ids))
    expect("undefined" not in html and "[object" not in html and "NaN" not in html, "something is not shown right")
    with Rig() as rig:
        for path in ("/api.html", "/apidoc.js", "/apidoc.css", "/yaml.js"):
            expect(rig.ask("GET", path).status == 200, path)


def test_names_in_the_description_are_names():
    """A comma in a text without quotes ends it, and makes a name of what follows."""
    def walk(node, at):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            expect(isinstance(key, int) or " " not in key or at.endswith("/responses"), at, "has a member", repr(key), ": are quotes missing?")
            walk(value, f"{at}/{key}")
    walk({k: v for k, v in contract.spec().items()}, "")
