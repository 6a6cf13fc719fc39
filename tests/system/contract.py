"""Holds every exchange with the daemon against web/openapi.yaml: what is answered and not described is a mistake."""

import functools
import json
import os
import re
import urllib.parse

import jsonschema
import yaml

FILE = os.path.join(os.path.dirname(__file__), "..", "..", "web", "openapi.yaml")
ROOT = "/api/v1"

# Answered wherever they may be, and described once for all of them: of a Host or an Origin that is refused, of too
# many wrong tokens, of a head that is too large, of a path that is none and a method that is not taken.
EVERYWHERE = {421: "wrong-host", 403: "forbidden", 429: "too-many", 431: "too-large", 400: "bad-request"}
EVENTS = {"snapshot": "Snapshot", "job": "Job", "slot": "Slot", "dump": "Dump", "image": "Image", "deleted": "Deleted", "batch": "Batch"}


class Broken(AssertionError):
    """The daemon and its description do not agree."""


@functools.lru_cache(maxsize=None)
def spec():
    with open(FILE, encoding="utf-8") as f:
        return yaml.load(f, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def deref(node):
    while isinstance(node, dict) and "$ref" in node:
        at = spec()
        for part in node["$ref"].removeprefix("#/").split("/"):
            at = at[part.replace("~1", "/").replace("~0", "~")]
        node = at
    return node


@functools.lru_cache(maxsize=None)
def paths():
    """(pattern, path item) of every path, the most literal first."""
    found = []
    for path, item in spec()["paths"].items():
        base = deref(item).get("servers", spec()["servers"])[0]["url"].rstrip("/")
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(base + path))
        found.append((path.count("{"), re.compile(pattern + r"\Z"), path, deref(item)))
    return [entry[1:] for entry in sorted(found, key=lambda entry: entry[0])]


def find(path):
    for pattern, name, item in paths():
        if pattern.match(path):
            return name, item
    return None, None


VALIDATORS = {}


def validator(schema):
    """Of a schema as it stands in the description: its references begin at the root of that."""
    key = id(schema)
    if key not in VALIDATORS:
        whole = {"allOf": [schema], "components": spec()["components"]}
        VALIDATORS[key] = jsonschema.Draft202012Validator(whole)
    return VALIDATORS[key]


def fit(schema, value, *where):
    error = jsonschema.exceptions.best_match(validator(schema).iter_errors(value))
    if error:
        at = "/".join(map(str, error.absolute_path))
        raise Broken(f"{' '.join(map(str, where))}: at /{at}: {error.message[:600]}")


def check_error(status, code, *where):
    if EVERYWHERE.get(status) != code and (status, code) not in ((404, "not-found"), (405, "method-not-allowed")):
        raise Broken(f"{' '.join(map(str, where))}: {status} {code} is not described")


def error_code(reply):
    try:
        return json.loads(reply.body)["error"]["code"]
    except (ValueError, KeyError, TypeError):
        return None


def check_body(described, method, reply, *where):
    content = described.get("content", {})
    kind = reply.headers.get("content-type", "").split(";")[0]
    if method == "HEAD" or (not content and not reply.body):
        return
    if kind not in content:
        raise Broken(f"{' '.join(map(str, where))}: the body is {kind or 'nothing'}, described are {', '.join(content) or 'none'}")
    schema = content[kind].get("schema")
    if schema is not None and kind == "application/json":
        fit(schema, json.loads(reply.body), *where)


def check_headers(described, reply, *where):
    for name, header in described.get("headers", {}).items():
        if deref(header).get("required") and name.lower() not in reply.headers:
            raise Broken(f"{' '.join(map(str, where))}: there is no header {name}")


def check_query(operation, item, query, *where):
    known = {deref(p)["name"] for p in operation.get("parameters", []) + item.get("parameters", []) if deref(p)["in"] == "query"}
    for name, _ in urllib.parse.parse_qsl(query, keep_blank_values=True):
        if name not in known:
            raise Broken(f"{' '.join(map(str, where))}: takes ?{name}, which is not described")


def check_request(operation, body, *where):
    """What was accepted must be described as something to ask for."""
    wanted = deref(operation.get("requestBody", {})).get("content", {}).get("application/json")
    if wanted is None:
        raise Broken(f"{' '.join(map(str, where))}: takes a JSON body, which is not described")
    fit(wanted["schema"], body, *where, "request")


def check(method, target, json_body, reply):
    """One exchange. json_body is None for a request without one."""
    path, _, query = target.partition("?")
    name, item = find(path)
    status = reply.status
    where = (method, target[:120], "answered", status)
    if item is None:
        if (path.startswith(ROOT + "/") or path in ("/metrics", "/healthz")) and status not in (404, 421, 403, 400, 431):
            raise Broken(f"{' '.join(map(str, where))}: the path is not described")
        return
    operation = item.get("get" if method == "HEAD" else method.lower())
    if operation is None:
        if status not in (405, 421, 403, 400, 404, 431):
            raise Broken(f"{' '.join(map(str, where))}: the method is not described")
        return
    described = deref(operation["responses"].get(str(status)))
    if described is None:
        if method == "HEAD":
            return
        check_error(status, error_code(reply), *where)
        return
    check_body(described, method, reply, *where)
    check_headers(described, reply, *where)
    if 200 <= status < 300:
        check_query(operation, item, query, *where)
        if json_body is not None:
            check_request(operation, json_body, *where)


def check_event(kind, data):
    if kind not in EVENTS:
        raise Broken(f"event {kind} is not described")
    fit(spec()["components"]["schemas"][EVENTS[kind]], data, "event", kind)
