"""Who is invoiced: what a buyer says of themselves, checked against itself and against the law (ADR 0073)."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, StringConstraints

from backend.core.errors import Unprocessable
from backend.core.gst import STATES, check_gstin, gstin_state
from backend.domain.invoices import Buyer
from backend.domain.values import INPUT, Name, storable

_PIN = re.compile(r"[1-9][0-9]{5}")
_LETTERS = re.compile(r"[^a-z]")
_FOREIGN_PIN = 12
Short = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=60), AfterValidator(storable)
]
Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(storable),
]

_BY_NAME = {
    _LETTERS.sub("", name.lower().replace("and", "")): code for code, name in STATES.items()
}
_BY_NAME |= {"orissa": "21", "pondicherry": "34", "uttaranchal": "05", "newdelhi": "07"}


class BillingDetails(BaseModel):
    """`state` is a name or a GST code; it decides the tax and is needed inside India."""

    model_config = INPUT

    name: Name
    address: Address
    pin: Short
    state: Short | None = None
    gstin: Short | None = None
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] = "IN"


def refused(code: str, field: str, detail: str) -> Unprocessable:
    """One field of the billing details is wrong; without one, all of them are missing."""
    pointer = f"body/billing_details/{field}".rstrip("/")
    return Unprocessable(detail, code=code, errors=[{"pointer": pointer, "message": detail}])


def buyer(details: BillingDetails, email: str | None) -> Buyer:
    """The buyer for an invoice. Raises Unprocessable with a code for each thing that can be wrong.

    `state_missing`, `state_unknown`, `pin_invalid`, `gstin_invalid`, `gstin_state_mismatch`.
    """
    if details.country != "IN":
        return _abroad(details, email)
    if not details.state:
        raise refused(
            "state_missing", "state", "The state is needed: it decides which tax applies."
        )
    state = state_code(details.state)
    if state is None:
        raise refused("state_unknown", "state", "This is no state or union territory of India.")
    pin = details.pin.replace(" ", "")
    if not _PIN.fullmatch(pin):
        raise refused("pin_invalid", "pin", "A PIN has six digits and does not begin with 0.")
    gstin = details.gstin or None
    if gstin:
        try:
            gstin = check_gstin(gstin)
        except ValueError as error:
            sentence = str(error)
            detail = f"{sentence[:1].upper()}{sentence[1:]}."
            raise refused("gstin_invalid", "gstin", detail) from error
        if gstin_state(gstin) != state:
            theirs = STATES[gstin_state(gstin)]
            raise refused(
                "gstin_state_mismatch",
                "gstin",
                f"This GSTIN is registered in {theirs}, and the state given is {STATES[state]}.",
            )
    return Buyer(details.name, details.address, pin, state, gstin, "IN", email)


def _abroad(details: BillingDetails, email: str | None) -> Buyer:
    if details.gstin:
        raise refused("gstin_invalid", "gstin", "A buyer outside India has no GSTIN.")
    return Buyer(
        details.name, details.address, details.pin[:_FOREIGN_PIN], "", None, details.country, email
    )


def state_code(given: str) -> str | None:
    """The code of a state by its code or its name, however it is spelt and spaced."""
    if given in STATES:
        return given
    if given.isdigit():
        return None
    return _BY_NAME.get(_LETTERS.sub("", given.lower().replace("and", "")))


def shown(buyer: dict[str, Any] | None) -> dict[str, Any] | None:
    """The details as they are given back: the state by its name, and its code beside it."""
    if buyer is None:
        return None
    code = buyer["state_code"]
    kept = {name: buyer.get(name) for name in ("name", "address", "pin", "gstin", "country")}
    return {**kept, "state": STATES.get(code), "state_code": code or None}
