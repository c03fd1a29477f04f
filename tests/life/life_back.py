"""What comes back: money and units refunded, units returned. Commands change the model or raise `No`."""

from life_sums import DECLINED, DONE, LIVE, REVIEW, TOOK, Sums, must


class Back(Sums):
    # Refunds: units are {line: (count, restock type)}

    def refund(self, units=(), *, shipping=0, amount=None, ret=None, parent=None, review=False):
        """A `shipping` of None is all that is left of it; `parent` is the payment that is given back."""
        asked = {"units": dict(units), "shipping": shipping, "amount": amount, "ret": ret, "parent": parent}
        plan = self._planned(asked)
        self.refunds.append(plan if not review else plan | {"status": REVIEW})
        if not review:
            self._settle(plan)

    def _planned(self, asked):
        """The refund with what was left out, or a refusal."""
        units, ret, lines = asked["units"], asked["ret"], range(len(self.lines))
        any_left = (
            any(self.refundable(n, "no_restock", None) for n in lines) or self.net or self.shipping_left
        )
        must(any_left or self._in_returns, "nothing_to_refund")
        if ret is not None and not units and asked["amount"] is None:
            came = {n: unit["got"] - unit["refunded"] for n, unit in self.returns[ret]["units"].items()}
            units = {n: (count, "no_restock") for n, count in came.items() if count}
        for n, (count, kind) in units.items():
            must(ret is None or n in self.returns[ret]["units"], "not_in_return")
            must(0 < count <= self.refundable(n, kind, ret), "too_many_units")
        shipping = self.shipping_left if asked["shipping"] is None else asked["shipping"]
        must(shipping <= self.shipping_left, "shipping_too_large")
        worths = {n: self._refund_worth(n, count, ret) for n, (count, _) in units.items()}
        goods = sum(map(sum, worths.values()))
        falls = shipping + (goods if ret is None else 0)
        amount = asked["amount"]
        if amount is None:
            after = 0 if self.cancelled else max(0, self.payable - falls)
            amount = min(goods + shipping, max(0, self.net - after))
        must(amount <= self.net, "refund_too_large")
        must(units or shipping or amount, "empty_refund")
        # Money that was owed back lowers the total no second time.
        falls = max(falls, amount - max(0, self.net - self.current))
        parents = self.with_rest(*TOOK) if asked["parent"] is None else [asked["parent"]]
        payments = [n for n in parents if n in self.with_rest(*TOOK)]
        must(sum(map(self.left_of, payments)) >= amount, "unknown_parent")
        filled = {"units": units, "shipping": shipping, "amount": amount, "falls": falls, "worths": worths}
        return asked | filled | {"status": DONE}

    @property
    def _in_returns(self):
        return any(unit["got"] > unit["refunded"] for each in self.returns for unit in each["units"].values())

    def refundable(self, n, kind, ret):
        if ret is not None:
            return self.returns[ret]["units"][n]["got"] - self.returns[ret]["units"][n]["refunded"]
        if kind == "cancel":
            return self.unshipped(n)
        return self.with_customer(n) + (self.unshipped(n) if kind == "no_restock" else 0)

    def _refund_worth(self, n, count, ret):
        if ret is None:
            return self.worth(n, count)
        return self._return_worth(self.returns[ret]["units"][n], count)

    def _return_worth(self, unit, count):
        """Of what came back: all that has been refunded of it then, less what was before."""
        upto = unit["refunded"] + count
        return [unit[what] * upto // unit["got"] - unit["paid"][what] for what in ("net", "tax")]

    def _settle(self, plan):
        for n, (count, kind) in plan["units"].items():
            if plan["ret"] is not None:
                unit = self.returns[plan["ret"]]["units"][n]
                net, tax = self._return_worth(unit, count)
                unit["paid"] = {"net": unit["paid"]["net"] + net, "tax": unit["paid"]["tax"] + tax}
                unit["refunded"] += count
                continue
            back = 0 if kind == "cancel" else min(count, self.with_customer(n))
            self.lines[n]["back"] += back
            self.lines[n]["before"] += count - back
        self.fallen += plan["falls"]
        left = plan["amount"]
        for n in self.with_rest(*TOOK) if plan["parent"] is None else [plan["parent"]]:
            some = min(left, self.left_of(n))
            if some:
                self._moved("refund", some, n)
            left -= some
        if plan["ret"] is not None:
            ret = self.returns[plan["ret"]]
            if ret["status"] == "received" and all(u["refunded"] == u["got"] for u in ret["units"].values()):
                ret["status"] = "closed"

    def review(self, n, verdict=None, note=None):
        """Approve or decline what waits, or write a note to it; what is as it is may be said again."""
        refund = self.refunds[n]
        verdict = None if verdict == refund["status"] else verdict
        if verdict is not None:
            must(refund["status"] == REVIEW, "already_reviewed")
        if verdict == DONE:
            refund.update(self._planned(refund))
            self._settle(refund)
        elif verdict == DECLINED:
            refund["status"] = DECLINED
        if note is not None:
            refund["note"] = note

    # Returns: units are {line: count}

    def ask_return(self, units, *, approved=False):
        must(any(self.with_customer(n) for n in range(len(self.lines))), "nothing_to_return")
        must(all(0 < count <= self.with_customer(n) for n, count in units.items()), "too_many_units")
        fresh = {"got": 0, "refunded": 0, "net": 0, "tax": 0}
        units = {n: fresh | {"asked": count, "paid": {"net": 0, "tax": 0}} for n, count in units.items()}
        self.returns.append({"status": "open" if approved else "requested", "units": units})

    def answer_return(self, n, verb):
        ret = self.returns[n]
        got = any(unit["got"] for unit in ret["units"].values())
        before, then = {
            "approve": (LIVE, "open"),
            "decline": (("requested",), "declined"),
            "cancel": (LIVE if not got else (), "cancelled"),
            "close": (("open", "received", "closed"), "closed"),
        }[verb]
        must(ret["status"] in before, "return_not_open")
        ret["status"] = then

    def receive(self, n, units=None):
        ret = self.returns[n]
        must(ret["status"] == "open", "return_not_open")
        left = {line: unit["asked"] - unit["got"] for line, unit in ret["units"].items()}
        units = {line: count for line, count in left.items() if count} if units is None else units
        must(units and all(0 < count <= left.get(line, 0) for line, count in units.items()), "too_many_units")
        for line, count in units.items():
            net, tax = self.worth(line, count)
            self.fallen += net + tax
            unit = ret["units"][line]
            unit["net"], unit["tax"], unit["got"] = unit["net"] + net, unit["tax"] + tax, unit["got"] + count
            self.lines[line]["back"] += count
        if all(unit["got"] == unit["asked"] for unit in ret["units"].values()):
            ret["status"] = "received"
