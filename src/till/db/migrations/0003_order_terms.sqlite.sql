-- The words an order is found by, each with its shop before it (till.orders.terms); rowid is the order's id.

CREATE VIRTUAL TABLE order_terms USING fts5(
    terms, content='', contentless_delete=1, detail='none', tokenize='ascii'
);
