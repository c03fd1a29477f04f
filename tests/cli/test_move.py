"""Moving from SQLite to PostgreSQL: the same answers to the same token, and nothing left behind."""

from asking import ask
from builders import a_line
from running import answer, seed, serve, till


def test_a_moved_shop_answers_as_before(tmp_path, postgres):
    folder, url = tmp_path / "data", postgres.create_database()
    shop = seed(folder, scopes="write_orders,read_customers")
    with serve(folder) as server:
        for n in range(12):
            customer = {"id": f"c{n % 3}", "firstName": "Zoë", "email": f"zoe{n % 3}@example.com"}
            order = {"lineItems": [a_line(title=f"Mug {n}")], "tags": "x" if n % 2 else "y"}
            body = {"order": order | {"customer": customer}}
            _, made = ask(server.url, "/orders", shop.accessToken, body)
        cancelled = f"/orders/{made['order']['orderId']}/cancel"
        assert ask(server.url, cancelled, shop.accessToken, {})[0] == 200
        refused = till("move", "--data", folder, "--to", url, check=False)
        assert refused.returncode == 1
        paths = ("/orders", "/orders/count?status=cancelled", "/orders?q=mug+7", "/orders/count?tag=x")
        paths += (
            "/customers",
            "/customers/c1",
            "/customers/search?q=zoe",
            "/customers/search?email=zoe2@example.com",
        )
        before = [ask(server.url, path, shop.accessToken) for path in paths]
    copied = answer("move", "--data", folder, "--to", url)["copied"]
    # What became of the orders, and that the app was installed.
    assert (copied["orders"], copied["changes"], copied["events"]) == (12, 14, 15)
    with serve(url, "--data", folder) as server:
        assert [ask(server.url, path, shop.accessToken) for path in paths] == before
        guest = {"order": {"lineItems": [a_line()], "email": "zoe1@example.com"}}
        _, again = ask(server.url, "/orders", shop.accessToken, guest)
        assert again["order"]["name"] == "#1013"
        _, known = ask(server.url, "/customers/c1", shop.accessToken)
        assert known["customer"]["ordersCount"] == 5
    twice = till("move", "--data", folder, "--to", url, check=False)
    assert twice.returncode == 1
    assert "already" in twice.stderr
