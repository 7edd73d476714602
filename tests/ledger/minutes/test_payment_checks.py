"""Money against minutes: what does not fit together is named."""

from ledger.minutes.payment_checks import invoice_differences, purchase_differences


def test_an_invoice_whose_lots_hold_other_minutes_is_named():
    row = {
        "invoice_id": "in_1",
        "outcome": "lots",
        "minutes": 200,
        "taken_back_minutes": 0,
        "credited": 100,
        "refunded": 0,
        "unlike": 1,
    }

    ((check, where, right, result),) = invoice_differences([row])

    assert (check, where) == ("invoices", "invoice in_1, lots")
    assert right == "200 minutes credited, 0 taken back"
    assert result == "100 credited, 0 taken back, 1 lots of other minutes"


def test_a_paid_purchase_without_a_lot_is_named_and_a_quarantined_one_is_not():
    row = {"purchase_id": "p1", "booked_lot_id": None, "status": "paid", "paid_at": None}

    assert [each[0] for each in purchase_differences([row])] == ["purchases"]
    assert list(purchase_differences([row | {"status": "quarantined"}])) == []
