"""The page that a payer sees. It says on every line of sight that no money moves."""

from html import escape

from backend.core.rupees import grouped
from backend.local.phonepe.book import Order

BEHAVIOURS = {
    "once": "call back once",
    "never": "never call back",
    "ten": "call back ten times",
    "reordered": "call back in the wrong order, with a late failure",
    "forged": "call back with the wrong credentials",
    "wrong_amount": "take another amount than was asked",
}
"""How the gateway behaves after a successful payment."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1d1b26; --soft: #6b6878; --line: #d9d6e3; --brand: #5f259f;
  --paper: #fff; --ground: #f4f2f8; }
@media (prefers-color-scheme: dark) { :root { --ink: #f1eff7; --soft: #a9a5b8; --line: #3a3647;
  --brand: #b58cf0; --paper: #211e2b; --ground: #16141d; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
main { max-width: 30rem; margin: 2rem auto; padding: 0 1rem; }
.notice { background: #ffe08a; color: #3b2e00; text-align: center; padding: .5rem 1rem; font-weight: 600; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; padding: 1.5rem; }
h1 { font-size: 2rem; margin: 0 0 .25rem; font-variant-numeric: tabular-nums; }
p { margin: 0 0 1rem; color: var(--soft); overflow-wrap: anywhere; }
fieldset { border: 1px solid var(--line); border-radius: 8px; margin: 0 0 1rem; padding: .75rem 1rem; }
label { display: block; padding: .25rem 0; }
select, input[type=number] { font: inherit; width: 100%; padding: .5rem; border-radius: 8px;
  border: 1px solid var(--line); background: var(--paper); color: inherit; }
button { font: inherit; width: 100%; padding: .75rem; border-radius: 8px; border: 1px solid var(--line);
  background: none; color: inherit; cursor: pointer; margin-top: .5rem; }
button.pay { background: var(--brand); border-color: var(--brand); color: var(--paper); font-weight: 600; }
button:focus-visible, select:focus-visible, input:focus-visible { outline: 3px solid #f0a; }
"""


def _document(body: str) -> str:
    return (
        '<!doctype html><html lang="en-IN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Simulated payment</title><style>{_STYLE}</style></head><body>"
        '<div class="notice">Simulated gateway: no money moves</div>'
        f'<main><div class="card">{body}</div></main></body></html>'
    )


def pay_page(order: Order) -> str:
    """The form to pay an order that waits."""
    options = "".join(
        f'<option value="{name}">{text}</option>' for name, text in BEHAVIOURS.items()
    )
    mandate = "<p>Paying also allows later debits by UPI AutoPay.</p>" if order.mandate else ""
    return _document(
        f"<h1>₹{grouped(order.amount)}</h1><p>Order {escape(order.merchant_order_id)}</p>{mandate}"
        '<form method="post"><fieldset><legend>Pay by</legend>'
        '<label><input type="radio" name="mode" value="UPI_INTENT" checked> UPI</label>'
        '<label><input type="radio" name="mode" value="CARD"> Card</label></fieldset>'
        f'<fieldset><legend>Then the gateway shall</legend><select name="behaviour">{options}</select>'
        '<label>after a delay of so many seconds <input type="number" name="delay" value="0" min="0" '
        'max="600"></label></fieldset>'
        '<button class="pay" name="outcome" value="pay">Pay</button>'
        '<button name="outcome" value="fail">Let the payment fail</button>'
        '<button name="outcome" value="cancel">Cancel</button></form>'
    )


def closed_page(order: Order) -> str:
    """Of an order that waits no more."""
    back = (
        f'<p><a href="{escape(order.redirect_url)}">Back to the shop</a></p>'
        if order.redirect_url
        else ""
    )
    return _document(
        f"<h1>₹{grouped(order.amount)}</h1><p>This order is {order.state.lower()}.</p>{back}"
    )


def unknown_page() -> str:
    return _document("<h1>No such order</h1><p>The gateway does not know this address.</p>")
