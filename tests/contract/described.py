"""The served document as the contract tests hold answers against it: no key may be unknown to it."""

import json
import urllib.request

import jsonschema_rs

PREFIX = "#/components/schemas/"


def closed(schema):
    """`schema` with no room for keys that it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(each) for name, each in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found


class Described:
    """Validators of the document that a server serves, each made once."""

    def __init__(self, url):
        with urllib.request.urlopen(f"{url}/openapi.json") as answer:
            document = json.load(answer)
        self._components = closed(document["components"])
        self._operations = {
            operation["operationId"]: operation
            for methods in document["paths"].values()
            for operation in methods.values()
        }
        self._known = {}

    def component(self, name):
        """What holds a value against a component."""
        return self._validator(name, {"$ref": PREFIX + name})

    def answer(self, operation_id):
        """What holds the answer of an operation that did what it was asked."""
        content = self._operations[operation_id]["responses"]["200"]["content"]
        return self._validator(f"{operation_id} answers", closed(content["application/json"]["schema"]))

    def body(self, operation_id):
        """What holds the body of a request."""
        content = self._operations[operation_id]["requestBody"]["content"]
        return self._validator(f"{operation_id} reads", content["application/json"]["schema"])

    def _validator(self, name, schema):
        if name not in self._known:
            whole = {**schema, "components": self._components}
            self._known[name] = jsonschema_rs.validator_for(whole, validate_formats=True)
        return self._known[name]


def asker(url, token):
    """Ask the API of a server for JSON; answers the status and the body."""

    def asked(method, path, body=None, **headers):
        sent = {"X-Genstore-Access-Token": token, "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{url}/api/202412{path}", data, sent, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    return asked
