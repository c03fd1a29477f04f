"""What every operation of the OpenAPI document shares: headers, parameters, refusals."""

from typing import Any

Part = dict[str, Any]

FIDELITY_HEADER = {
    "name": "X-Genstore-Fidelity",
    "in": "header",
    "description": "How scalars are written in this answer: typed, or as strings throughout, which is how "
    "Genstore's published samples print them. Without it, as the installation is set.",
    "schema": {"type": "string", "enum": ["typed", "documented"]},
    "x-source": "additive",
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Makes a repetition safe: for a day, the same key with the same body is answered with "
    "what was answered first, and changes nothing more.",
    "schema": {"type": "string", "pattern": "^[!-~]([ -~]{0,253}[!-~])?$"},
    "x-source": "additive",
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "Change it only if it still is at this version, as its `ETag` gave it.",
    "schema": {"type": "string", "examples": ['"3"']},
    "x-source": "additive",
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "Answer 304 and no body if it still is at this version, as its `ETag` gave it.",
    "schema": {"type": "string", "examples": ['"3"']},
    "x-source": "additive",
}
LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "Where a stream is taken up again, as a browser's EventSource does of itself: after what "
    "has this `id`.",
    "schema": {"type": "string"},
    "x-source": "additive",
}
PARAMETERS: dict[str, Part] = {
    "Fidelity": FIDELITY_HEADER,
    "IdempotencyKey": IDEMPOTENCY_KEY,
    "IfMatch": IF_MATCH,
    "IfNoneMatch": IF_NONE_MATCH,
    "LastEventId": LAST_EVENT_ID,
}
# Most things have ids that channels may give them; those that Till alone gives are narrower.
ID: Part = {"type": "string", "pattern": "^[!-~]{1,64}$", "examples": ["300157930096875"]}
PATH_IDS: dict[str, Part] = {
    "orderId": {"type": "string", "pattern": "^[0-9]{1,16}$", "examples": ["300157930096874"]},
    "entryId": {"type": "string", "pattern": "^[0-9]{1,16}$", "examples": ["300157930096875"]},
    "returnId": {"type": "string", "pattern": "^[0-9]{1,16}$", "examples": ["300157930096875"]},
    "eventId": {
        "type": "string",
        "pattern": "^([0-9]{1,16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
        "examples": ["12"],
    },
    "themeId": {"type": "string", "pattern": "^[0-9]{1,16}$", "examples": ["300157930096880"]},
    "webhookId": {"type": "string", "pattern": "^[0-9]{1,16}$", "examples": ["300157930096875"]},
    "deliveryId": {
        "type": "string",
        "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        "examples": ["0195963c-1f70-7c44-a1b2-5d3e8f90a1b2"],
    },
    "paymentId": {"type": "string", "pattern": "^PI00[0-9]{4,19}$", "examples": ["PI00300157930096874001"]},
}

HEADERS: dict[str, Part] = {
    "X-Request-Id": {
        "description": "Names this request; the server's log has it under the same id.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    },
    "X-Genstore-Api-Version": {
        "description": "The version of the API that answered.",
        "required": True,
        "schema": {"type": "string", "enum": ["202412", "202410"]},
    },
    "X-Genstore-Shop-Api-Rate-Limit": {
        "description": "How many requests of the bucket are used, and its size.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]+/[0-9]+$"},
    },
    "ETag": {
        "description": "The version of the resource, the revision of a theme, or the checksum of a file, for "
        "`If-Match` and `If-None-Match`.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"(r?[0-9]+|[0-9a-f]{32})"$'},
    },
    "Link": {
        "description": "The pages before and after this one, where there are any.",
        "schema": {"type": "string", "pattern": '^<[^>]+>; rel="(previous|next)"(, <[^>]+>; rel="next")?$'},
    },
    "Idempotency-Replayed": {
        "description": "This answer was given before, to the same Idempotency-Key.",
        "schema": {"type": "string", "const": "true"},
    },
    "Retry-After": {
        "description": "Seconds after which to repeat the request.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "Allow": {
        "description": "The methods that the path takes.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Z]+(, [A-Z]+)*$"},
    },
}
ALWAYS = ("X-Request-Id", "X-Genstore-Api-Version")
RATE = "X-Genstore-Shop-Api-Rate-Limit"

# Each status, what it means, and the headers beside those that every answer has.
REFUSALS: dict[int, tuple[str, tuple[str, ...]]] = {
    400: ("The query, a header or the body cannot be understood.", (RATE,)),
    401: ("There is no access token, or it is not valid for this shop.", ()),
    403: ("The installation was not granted what this needs.", (RATE,)),
    404: ("There is no such thing in this shop, or none that the app may see.", (RATE,)),
    405: ("The path does not take this method.", ("Allow",)),
    408: ("The body did not arrive in time.", (RATE,)),
    409: ("A request with the same Idempotency-Key is being worked on.", (RATE,)),
    412: ("`If-Match` names another version than the present one, which is shown.", (RATE,)),
    413: ("The body is longer than the server takes.", (RATE,)),
    414: ("The URL is longer than the server takes.", ()),
    415: ("The body is not JSON in UTF-8.", (RATE,)),
    422: ("A value is wrong, or the state forbids the change.", (RATE,)),
    429: ("The bucket of this app in this shop is empty.", (RATE, "Retry-After")),
    431: ("The headers are longer or more than the server takes.", ()),
    500: ("The server failed; nothing was changed.", ()),
    503: ("The store cannot be reached or is full; nothing was changed.", ("Retry-After",)),
}


def headers(*names: str) -> Part:
    """References to these headers and to those that every answer has."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*ALWAYS, *names)}


def refusal_schema() -> Part:
    """The one shape of every refusal (rulings.md §3)."""
    return {
        "type": "object",
        "title": "Error",
        "description": "Why a request was refused.",
        "required": ["error", "code", "errors", "requestId"],
        "properties": {
            "error": {"type": "string", "minLength": 1, "description": "One sentence for a person."},
            "code": {
                "type": "string",
                "pattern": "^[a-z]+(_[a-z]+)*$",
                "description": "For a program; stable.",
                "x-source": "additive",
            },
            "errors": {
                "type": "object",
                "description": "By the path of each offending value, what is wrong with it.",
                "additionalProperties": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                "x-source": "additive",
            },
            "requestId": {"type": "string", "pattern": "^[0-9a-f]{16}$", "x-source": "additive"},
        },
        "examples": [
            {
                "error": "order.lineItems[0].quantity must be from 1 to 1000000.",
                "code": "invalid",
                "errors": {"order.lineItems[0].quantity": ["must be from 1 to 1000000"]},
                "requestId": "8f14e45fceea167a",
            }
        ],
    }
