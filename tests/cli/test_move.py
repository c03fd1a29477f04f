"""Moving from SQLite to PostgreSQL: the same answers to the same token, and nothing left behind."""

from asking import ask
from builders import a_line
from running import answer, seed, serve, till


def test_a_moved_shop_answers_as_before(tmp_path, postgres):
    folder, url = tmp_path / "data", postgres.create_database()
    shop = seed(folder)
    with serve(folder) as server:
        for n in range(12):
            body = {"order": {"lineItems": [a_line(title=f"Mug {n}")], "tags": "x" if n % 2 else "y"}}
            _, made = ask(server.url, "/orders", shop.accessToken, body)
        cancelled = f"/orders/{made['order']['orderId']}/cancel"
        assert ask(server.url, cancelled, shop.accessToken, {})[0] == 200
        refused = till("move", "--data", folder, "--to", url, check=False)
        assert refused.returncode == 1
        paths = ("/orders", "/orders/count?status=cancelled", "/orders?q=mug+7", "/orders/count?tag=x")
        before = [ask(server.url, path, shop.accessToken) for path in paths]
    copied = answer("move", "--data", folder, "--to", url)["copied"]
    assert (copied["orders"], copied["changes"], copied["events"]) == (12, 13, 14)
    with serve(url, "--data", folder) as server:
        assert [ask(server.url, path, shop.accessToken) for path in paths] == before
        _, again = ask(server.url, "/orders", shop.accessToken, {"order": {"lineItems": [a_line()]}})
        assert again["order"]["name"] == "#1013"
    twice = till("move", "--data", folder, "--to", url, check=False)
    assert twice.returncode == 1
    assert "already" in twice.stderr
