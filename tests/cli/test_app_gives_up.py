"""What an app no longer declares is taken from every shop by the command that says so."""

from running import answer, till, where


def test_configure_takes_from_each_shop_what_the_app_gave_up(tmp_path):
    at = where(tmp_path)
    for shop in ("demo", "other", "without"):
        answer("shop", "create", shop, "--timezone", "Europe/London", *at)
    scopes = ("--scopes", "read_orders,write_customers,read_all_orders", "--protected", "name,email")
    app = answer("app", "create", "Lark", *scopes, "--partner", *at)["clientId"]
    kinds = ("--protected", "name,email", "--all-orders")
    for shop in ("demo", "other"):
        answer("app", "install", app, "--shop", shop, *kinds, *at)
    till("app", "configure", app, "--scopes", "read_orders,read_themes", "--protected", "name", *at)
    for shop in ("demo", "other"):
        first, *rest = answer("app", "history", "--shop", shop, app, *at)["history"]
        assert (first["kind"], first["by"], len(rest)) == ("granted", "cli", 1)
        gone = "no longer declared: read_all_orders,write_customers,email"
        assert first["note"] == f"scopes: read_orders; protected: name; {gone}"
    assert answer("app", "history", "--shop", "without", *at)["history"] == []
    till("app", "configure", app, "--name", "Skylark", *at)
    assert len(answer("app", "history", "--shop", "demo", app, *at)["history"]) == 2
