"""The endpoint table as an OpenAPI 3.1 document."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from till.dialect import openapi_parts as parts
from till.dialect.body import Nested, shape_of
from till.dialect.openapi_links import links, names_in
from till.dialect.openapi_parts import Part
from till.dialect.scalars import documented
from till.dialect.schemas import AnswerSchemas, RequestSchemas, any_of, parameter_schema, ref

SCHEME = "accessToken"
ABOUT = """Orders of one shop, as a Genstore app sees them.

Every request needs an access token, which names an app in a shop. What is marked
`x-source: additive` is in no document of Genstore's: it stands beside what they describe, and
never changes it. Scalars are read leniently (`"1"` is 1, `"true"` is true, `"null"` is null) and
written in one of two profiles. Times may lie in the years 1 to 9999.
"""


class Described(Protocol):
    """What the document tells of an endpoint; `till.web.endpoint.Endpoint` says what each means."""

    @property
    def id(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def scopes(self) -> frozenset[str]: ...
    @property
    def answers(self) -> type[Struct]: ...
    @property
    def reads(self) -> type[Struct] | None: ...
    @property
    def query(self) -> type[Struct] | None: ...
    @property
    def body_required(self) -> bool: ...
    @property
    def status(self) -> int: ...
    @property
    def statuses(self) -> tuple[int, ...]: ...
    @property
    def writes(self) -> bool: ...
    @property
    def streams(self) -> str: ...
    @property
    def tagged(self) -> bool: ...
    @property
    def echoes(self) -> type[Struct] | None: ...
    @property
    def envelope(self) -> str | None: ...
    @property
    def foretells(self) -> type[Struct] | None: ...
    @property
    def unchanged(self) -> type[Struct] | None: ...
    @property
    def sends(self) -> Mapping[str, Any]: ...
    @property
    def shows(self) -> Callable[[], Any] | None: ...


def document(
    endpoints: Iterable[Described], *, root: str, version: str, beside: Mapping[str, Part] | None = None
) -> Part:
    """The whole document; `root` is what stands before every path, but for those `beside`, as they are."""
    table = tuple(endpoints)
    writer = _Writer(table, root)
    paths: dict[str, Part] = {}
    for each in table:
        paths.setdefault(root + each.path, {})[each.method.lower()] = writer.operation(each)
    paths |= beside or {}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Till",
            "summary": "The Genstore open platform API, self-hosted.",
            "description": ABOUT,
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{SCHEME: []}],
        "tags": [{"name": group} for group in dict.fromkeys(each.group for each in table)],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(writer.schemas().items())),
            "responses": dict(sorted(writer.responses.items())),
            "parameters": parts.PARAMETERS,
            "headers": parts.HEADERS,
            "securitySchemes": {
                SCHEME: {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Genstore-Access-Token",
                    "description": "The token that the app was given for this shop.",
                }
            },
        },
    }


class _Writer:
    """Writes operations, and gathers the components that they refer to."""

    def __init__(self, table: tuple[Described, ...], root: str) -> None:
        self._table = table
        self._root = root
        self._requests = RequestSchemas()
        self._answers = AnswerSchemas()
        self._refusals: dict[str, Part] = {"Error": parts.refusal_schema()}
        self.responses: dict[str, Part] = {}

    def schemas(self) -> dict[str, Part]:
        return self._requests.found | self._answers.components() | self._refusals

    def operation(self, each: Described) -> Part:
        found: Part = {
            "operationId": each.id,
            "summary": each.summary,
            **({"description": each.about} if each.about else {}),
            "tags": [each.group],
            "x-scopes": sorted(each.scopes),
            "x-source": each.source,
            "parameters": self._parameters(each),
        }
        if each.reads is not None:
            found["requestBody"] = self._body(each, each.reads)
        found["responses"] = self._responses(each)
        return found

    def _parameters(self, each: Described) -> list[Part]:
        found: list[Part] = [
            {"name": name, "in": "path", "required": True, "schema": parts.PATH_IDS.get(name, parts.ID)}
            for name in names_in(each.path)
        ]
        if each.query is not None:
            found += _query(each.query)
        names = ["Fidelity"]
        names += ["IdempotencyKey"] if each.writes else []
        names += ["IfMatch"] if 412 in each.statuses else []
        names += ["IfNoneMatch"] if 304 in each.statuses else []
        names += ["LastEventId"] if each.streams else []
        return found + [{"$ref": f"#/components/parameters/{name}"} for name in names]

    def _body(self, each: Described, reads: type[Struct]) -> Part:
        schema = self._requests.of(reads)
        if each.echoes is not None:
            self._add_unchanged(reads, each.echoes, each.answers)
        if each.envelope is not None:
            wrapped = {
                "type": "object",
                "description": "The same in its envelope.",
                "required": [each.envelope],
                "properties": {each.envelope: schema},
                "additionalProperties": False,
            }
            schema = any_of([schema, wrapped])
        if not each.body_required:
            schema = any_of([schema, {"type": "null"}])
        examples = {name: {"value": value} for name, value in each.sends.items()}
        content = {"schema": schema} | ({"examples": examples} if examples else {})
        return {"required": each.body_required, "content": {"application/json": content}}

    def _add_unchanged(self, reads: type[Struct], echoes: type[Struct], answers: type[Struct]) -> None:
        """Let the object within `reads` hold every field of `echoes` that `answers` shows, too."""
        (answer,) = msgspec.structs.fields(answers)
        seen = {info.encode_name for info in msgspec.structs.fields(answer.type)}
        (inner,) = (field for _, field in shape_of(reads).fields.values() if isinstance(field, Nested))
        changes = self._requests.found[self._requests.name(inner.shape.of)]
        whole = self._requests.found[self._requests.name(echoes, partly=True)]
        note = "May be sent back as it was read; it cannot be changed here."
        kept = {
            name: schema if schema.get("readOnly") else {"description": note, **schema}
            for name, schema in whole["properties"].items()
            if name in seen
        }
        changes["properties"] = kept | changes["properties"]

    def _responses(self, each: Described) -> Part:
        schema = self._answers.of(each.answers, pick="fields" in _names(each.query))
        if each.foretells is not None:
            schema = any_of([schema, self._answers.of(each.foretells)])
        found: Part = {str(each.status): self._success(each, schema)}
        if 304 in each.statuses:
            names = parts.headers(parts.RATE, "ETag")
            found["304"] = {
                "description": "It is still at the version that the client has.",
                "headers": names,
            }
        for status in sorted(_refused(each)):
            found[str(status)] = {"$ref": f"#/components/responses/{self._refusal(each, status)}"}
        return found

    def _refusal(self, each: Described, status: int) -> str:
        """The name of the answer that refuses with `status`, which many operations share."""
        error = self._error(each, status)
        about, names_of = parts.REFUSALS[status]
        self.responses[f"{error}{status}"] = {
            "description": about,
            "headers": parts.headers(*names_of),
            "content": {"application/json": {"schema": ref(error)}},
        }
        return f"{error}{status}"

    def _success(self, each: Described, schema: Part) -> Part:
        names = [parts.RATE]
        names += ["ETag"] if each.tagged else []
        names += ["Idempotency-Replayed"] if each.writes else []
        names += ["Link"] if "pageToken" in _names(each.query) else []
        content: Part = {"schema": schema}
        if each.shows is not None:
            shown = each.shows()
            content["examples"] = {"typed": {"value": shown}}
            if each.answers.__struct_fields__ == ("count",):
                content["examples"]["documented"] = {"value": documented(shown)}
        found: Part = {
            "description": (each.answers.__doc__ or each.summary).strip(),
            "headers": parts.headers(*names),
            "content": {"application/json": content},
        }
        if each.streams:
            found["content"]["text/event-stream"] = {
                "schema": {"type": "string", "description": each.streams}
            }
        after = links(each, self._table)
        return found | ({"links": after} if after else {})

    def _error(self, each: Described, status: int) -> str:
        """The name of the error's schema; a refused change shows the thing unchanged."""
        if status not in (412, 422) or each.unchanged is None:
            return "Error"
        (key,) = each.unchanged.__struct_fields__
        name = f"Refused{key.title()}Change"
        if name not in self._refusals:
            self._answers.of(each.unchanged)
            error = parts.refusal_schema()
            answer = self._answers.found[each.unchanged.__name__]
            shown = {"description": "As it is, unchanged.", **answer["properties"][key]}
            properties = error["properties"] | {key: shown}
            self._refusals[name] = error | {"title": name, "properties": properties}
        return name


def _names(query: type[Struct] | None) -> Iterable[str]:
    return () if query is None else shape_of(query).fields


def _query(kind: type[Struct]) -> list[Part]:
    shape = shape_of(kind)
    found = []
    for name, (_, reader) in shape.fields.items():
        if not isinstance(reader, Nested):
            schema = dict(parameter_schema(reader))
            about = f"{shape.about[name]} {schema.pop('description', '')}".strip()
            part: Part = {"name": name, "in": "query", "description": about, "schema": schema}
            if name in shape.required:
                part["required"] = True
            found.append(part | ({"x-source": "additive"} if name in shape.additive else {}))
    return found


def _refused(each: Described) -> set[int]:
    """Every status that refuses, of those that the operation can answer with."""
    found = {400, 401, 403, 414, 429, 431, 500, 503} | {status for status in each.statuses if status >= 400}
    found |= {404} if "{" in each.path else set()
    found |= {409, 422} if each.writes else set()
    return found | ({408, 413, 415} if each.reads is not None else set())
