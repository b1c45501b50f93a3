"""Addresses that mails go to, read strictly: what stands in a header is nothing but what it seems. Pure."""

import re

from services.errors import Invalid
from services.typed_values import readable

MOST = 20
"""To how many addresses one mail goes."""
LONGEST = 254
LONGEST_NAME = 64
NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def read_addresses(typed: str, field: str, *, is_needed: bool = False) -> list[str]:
    """Give the addresses of a text, each once, as mail servers write them: a domain of other letters by punycode.

    They are separated by commas or semicolons. Raises Invalid.
    """
    found: dict[str, str] = {}
    for each in re.split("[,;]", readable(typed)):
        if each.strip(" "):
            address = read_address(each.strip(" "), field)
            found.setdefault(address.casefold(), address)
    if is_needed and not found:
        raise Invalid(field, "Give the address that the mail goes to.")
    if len(found) > MOST or len(", ".join(found)) > MOST * 50:
        raise Invalid(field, "A mail may go to %(most)d addresses at most.", most=MOST)
    return list(found.values())


def read_address(typed: str, field: str) -> str:
    """Give one address as mail servers write it. Raises Invalid."""
    name, _at, domain = typed.rpartition("@")
    try:
        plain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        plain = ""
    address = f"{name}@{plain}"
    is_one = len(name) <= LONGEST_NAME and NAME.fullmatch(name) and DOMAIN.fullmatch(plain)
    if not is_one or len(address) > LONGEST:
        shown = "".join(filter(str.isprintable, typed))[:60]
        raise Invalid(field, "“%(address)s” is not an e-mail address.", address=shown)
    return address
