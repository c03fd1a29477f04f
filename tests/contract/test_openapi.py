"""The document itself: whole, typed, and of the same mind as the endpoint table and the samples."""

import json
import urllib.request

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from samples import paths, sample
from till.dialect.nothing import NothingIn
from till.dialect.openapi import document
from till.oauth.described import BESIDE
from till.orders.wire import examples
from till.slices import ENDPOINTS

ROOT = "/api/202412"
DOCUMENT = json.loads(json.dumps(document(ENDPOINTS, root=ROOT, version="0", beside=BESIDE)))
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    (method.upper(), path): operation
    for path, methods in DOCUMENT["paths"].items()
    if path not in BESIDE
    for method, operation in methods.items()
}
FULL = "#/components/schemas/"
# Subscriptions and deliveries are no part of an order, and have no version.
THEMES = ("/themes", "/decoration")
NO_ORDERS = ("/app/webhooks", "/app/deliveries", "/webhooks", "/customers", "/oauth2", *THEMES)
# A file of a theme has an entity tag, the list of them that of its version, and a theme that of its revision.
CHANGED_FILES = ("putAsset", "deleteAsset", "changeAssets")
CHANGED_THEMES = ("updateTheme", "publishTheme", "duplicateTheme", "rollbackTheme", "rollbackThemes")
MATCHED = (*CHANGED_FILES, *CHANGED_THEMES, "deleteTheme")
TAGGED = (
    *("getTheme", "createTheme", "getAsset", "getAssetByOlderPath", "putAsset", "changeAssets"),
    *CHANGED_THEMES,
)
# Documented with an empty object as its body.
EMPTY_BODY = (ROOT + "/oauth2/uninstall",)
MAKES = ("createWebhook", "createTheme", "duplicateTheme")  # with a status of its own
NAMES_AN_ORDER = ("/fulfillments", "/fulfillment", "/refunds", "/refunds/calculate")  # those in their body


def schemas_in(value, path=""):
    """Every schema in the document, with where it stands."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from schemas_in(each, f"{path}[{index}]")
    if not isinstance(value, dict):
        return
    for name, each in value.items():
        if name in ("examples", "example", "x-scopes", "enum", "const"):
            continue
        at = f"{path}/{name}"
        if name in ("properties", "schemas"):
            for inner, schema in each.items():
                yield f"{at}/{inner}", schema
                yield from schemas_in(schema, f"{at}/{inner}")
            continue
        if name in ("schema", "items", "additionalProperties") and isinstance(each, dict):
            yield at, each
        if name in ("anyOf", "allOf", "oneOf"):
            yield from ((f"{at}[{index}]", schema) for index, schema in enumerate(each))
        yield from schemas_in(each, at)


def meant(answer):
    """An answer itself, or the one that it refers to."""
    name = answer.get("$ref", "").rpartition("/")[2]
    return DOCUMENT["components"]["responses"][name] if name else answer


def validator(name):
    """What holds a value against a component."""
    return jsonschema_rs.validator_for(
        {"$ref": FULL + name, "components": DOCUMENT["components"]}, validate_formats=True
    )


def test_the_document_is_openapi_3_1():
    assert list(OPENAPI_31_VALIDATOR.iter_errors(DOCUMENT)) == []


def test_the_document_and_the_endpoint_table_name_the_same_operations():
    assert set(OPERATIONS) == {(each.method, ROOT + each.path) for each in ENDPOINTS}
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(ids)) == len(ids)


def test_the_server_serves_this_document(server):
    with urllib.request.urlopen(f"{server.url}/openapi.json") as answer:
        served = json.load(answer)
    assert served["paths"] == DOCUMENT["paths"]
    assert served["components"] == DOCUMENT["components"]


def test_every_schema_says_what_it_holds():
    told = {"$ref", "anyOf", "enum", "const"}
    found = 0
    for where, schema in schemas_in(DOCUMENT):
        found += 1
        if schema.get("readOnly"):
            continue
        assert told & schema.keys() or schema.get("type"), where
        if schema.get("type") == "object" and schema.get("maxProperties") != 0:
            assert schema.get("properties") or isinstance(schema.get("additionalProperties"), dict), where
        if schema.get("type") == "array":
            assert "items" in schema, where
    assert found > 300


def test_no_description_cites_what_only_the_code_has():
    assert [word for word in (".md", ".py", "§") if word in json.dumps(DOCUMENT, ensure_ascii=False)] == []


def test_what_if_match_takes_of_a_theme_is_described():
    at = ROOT + "/themes/{themeId}"
    for method, path in (("GET", at), ("PUT", at), ("DELETE", at), ("POST", f"{at}/publish")):
        assert '"r3"' in OPERATIONS[method, path]["description"]
    assert "version of the theme's files" in OPERATIONS["POST", f"{at}/assets"]["description"]


def test_every_reference_leads_somewhere():
    text = json.dumps(DOCUMENT)
    for part in text.split('"$ref": "#/')[1:]:
        value = DOCUMENT
        for name in part.partition('"')[0].split("/"):
            value = value[name]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_tells_what_its_caller_must_know(method, path):
    operation = OPERATIONS[method, path]
    assert operation["summary"]
    assert operation["x-scopes"]
    assert operation["x-source"] in ("genstore", "additive")
    named = [each.get("name") or each["$ref"].rpartition("/")[2] for each in operation["parameters"]]
    assert "Fidelity" in named
    assert ("IdempotencyKey" in named) is (method != "GET")
    on_one = "{" in path or (method == "POST" and path.removeprefix(ROOT) in NAMES_AN_ORDER)
    is_other = path.removeprefix(ROOT).startswith((*NO_ORDERS, "/customers", "/events"))
    is_change = method != "GET" and not path.endswith("/calculate") and not is_other
    is_tagged = (is_change and on_one) or operation["operationId"] in MATCHED
    assert ("IfMatch" in named) is is_tagged
    assert ("requestBody" in operation) is (method in ("POST", "PUT") or path in EMPTY_BODY)
    answers = operation["responses"]
    assert {"400", "401", "403", "429", "500", "503"} <= set(answers)
    assert ("404" in answers) is (on_one or "shop" in named)
    done = answers["201" if operation["operationId"].startswith(MAKES) else "200"]
    assert "application/json" in done["content"]
    # What is answered of one order, or of a part of it, carries that order's version.
    of_an_order = (on_one and not is_other and method != "DELETE") or operation[
        "operationId"
    ] == "createOrder"
    assert ("ETag" in done["headers"]) is (of_an_order or operation["operationId"] in TAGGED)
    for status, answer in ((status, meant(each)) for status, each in answers.items()):
        assert {"X-Request-Id", "X-Genstore-Api-Version"} <= set(answer["headers"])
        if int(status) >= 400:
            schema = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert {"error", "code", "errors", "requestId"} <= set(SCHEMAS[schema]["properties"])


def keys_of(schema):
    """Every key path that a schema allows, through references and choices."""
    if "$ref" in schema:
        yield from keys_of(SCHEMAS[schema["$ref"].removeprefix(FULL)])
    for each in schema.get("anyOf", ()):
        yield from keys_of(each)
    for name, each in schema.get("properties", {}).items():
        yield f".{name}"
        yield from (f".{name}{path}" for path in keys_of(each))
    if "items" in schema:
        yield from (f"[]{path}" for path in keys_of(schema["items"]))


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("order_object", "OrderAnswer"),
        ("order_create_request", "OrderRequest"),
        ("order_create_response", "OrderAnswer"),
        ("order_get_response", "OrderAnswer"),
        ("order_cancel_response", "OrderAnswer"),
        ("order_update_request", "OrderUpdateRequest"),
        ("order_update_response", "OrderAnswer"),
        ("order_list_response", "OrdersAnswer"),
        ("order_cancel_request", "CancelInput"),
        ("order_count_response", "CountAnswer"),
    ],
)
def test_every_key_of_a_published_sample_is_in_its_schema(name, schema):
    missing = set(paths(sample(name))) - set(keys_of({"$ref": FULL + schema}))
    assert missing == set()


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("order_create_request", "OrderRequest"),
        ("order_update_request", "OrderUpdateRequest"),
        ("order_cancel_request", "CancelInput"),
        ("order_count_response", "CountAnswer"),
    ],
)
def test_a_published_sample_is_valid_as_it_is_printed(name, schema):
    validator(schema).validate(sample(name))


def examples_of(content):
    return [each["value"] for each in content.get("examples", {}).values()]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")
def test_every_operation_has_examples_and_they_are_valid(endpoint):
    operation = OPERATIONS[endpoint.method, ROOT + endpoint.path]
    bodies = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    # A body that says nothing needs no example.
    assert bool(examples_of(bodies)) is (endpoint.reads not in (None, NothingIn))
    answers = operation["responses"][str(endpoint.status)]["content"]["application/json"]
    assert examples_of(answers)
    for content in (bodies, answers):
        for example in examples_of(content):
            held = {"components": DOCUMENT["components"], **content["schema"]}
            jsonschema_rs.validator_for(held, validate_formats=True).validate(example)


def test_a_page_of_orders_as_in_the_samples_is_valid():
    validator("OrdersAnswer").validate(examples.orders())


def test_every_refused_change_of_an_order_shows_the_order():
    shown = 0
    for (method, path), operation in OPERATIONS.items():
        if method == "GET" or path.removeprefix(ROOT).startswith(NO_ORDERS) or path == ROOT + "/orders":
            continue
        answer = meant(operation["responses"]["422"])
        schema = answer["content"]["application/json"]["schema"]["$ref"].removeprefix(FULL)
        assert "order" in SCHEMAS[schema]["properties"], (method, path)
        shown += 1
    assert shown > 20


def test_what_is_made_leads_to_what_can_be_done_with_it():
    def led(operation_id):
        (found,) = (each for each in OPERATIONS.values() if each["operationId"] == operation_id)
        done = next(iter(found["responses"].values()))
        return {name: each["parameters"] for name, each in done.get("links", {}).items()}

    assert led("createOrder")["cancelOrder"] == {"orderId": "$response.body#/order/orderId"}
    assert led("createFulfillment")["updateTracking"] == {"fulfillmentId": "$response.body#/fulfillment/id"}
    assert led("createReturn")["receiveReturn"] == {"returnId": "$response.body#/return/id"}
    assert led("createRefund")["reviewRefund"] == {"refundId": "$response.body#/refund/refundId"}
    assert led("createNote")["updateNote"] == {
        "orderId": "$request.path.orderId",
        "entryId": "$response.body#/entry/id",
    }
    assert led("createWebhook")["enableWebhook"] == {"webhookId": "$response.body#/webhook/id"}
    assert led("testWebhook")["redeliver"] == {
        "webhookId": "$response.body#/delivery/webhookId",
        "deliveryId": "$response.body#/delivery/id",
    }
    assert led("calculateRefund") == led("cancelOrder") == {}


def test_what_no_document_names_is_marked_as_additive():
    order = SCHEMAS["Order"]["properties"]
    own = {name for name, schema in order.items() if schema.get("x-source") == "additive"}
    documented = set(sample("order_object")["order"])
    assert own == set(order) - documented
    request = SCHEMAS["OrderInput"]["properties"]
    own = {name for name, schema in request.items() if schema.get("x-source") == "additive"}
    assert own == set(request) - documented - {"marketId"}


# What genstore.md names of the parts of an order (§7.1 for fulfillments, §7.12, §7.14).
NAMED = {
    "FulfillmentPart": "fulfillId orderId status createdAt updatedAt",
    "Refund": "refundId customerId lineItems amount rightsType shipping note createTime updateTime",
    "RefundUnits": "lineItemId lineItem quantity subtotal totalTax rightsReason rightsReasonType",
    "Payment": "paymentId channelTrxNo amount fee currency successPaymentTime",
}


@pytest.mark.parametrize("name", NAMED)
def test_what_no_document_names_of_a_part_is_marked_as_additive(name):
    properties = SCHEMAS[name]["properties"]
    own = {key for key, schema in properties.items() if schema.get("x-source") == "additive"}
    assert set(properties) - own == set(NAMED[name].split())
