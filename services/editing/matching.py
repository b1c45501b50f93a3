"""A pasted list against the catalogue: an answer for every line, before anything is added."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches
from enum import Enum
from string import ascii_lowercase, digits

from sqlalchemy import or_, select

from models.base import db
from models.folding import fold
from models.product import Product
from models.types import LARGEST_WHOLE
from services.editing.pasted import PastedLine, whole_quantity
from services.editing.quantity_rules import may_be_ordered, nearest
from services.notation import Notation

LONGEST_SKU = 64
MOST_MEANT = 8_000
"""Signs of codes that nobody knows, up to which the most similar SKU is looked for: more are of another catalogue."""
NEIGHBOURS = 8
LIKE_ENOUGH = 0.75


class Verdict(Enum):
    """What is to be said of a line; only FINE ones can be added."""

    FINE = "fine"
    NO_CODE = "no code"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    NOT_SOLD = "not sold"
    UNREADABLE = "unreadable"
    OFF_STEP = "off step"


@dataclass(frozen=True)
class Answer:
    """What becomes of a line. `quantity` is the line's own, `together` that of all lines of the product.

    `near` are the quantities that may be ordered instead, `meant` is the SKU most like an unknown one, and
    `products` are those that an ambiguous code may name. `is_by_ean` says that the code is no SKU.
    """

    line: PastedLine
    verdict: Verdict
    product: Product | None = None
    quantity: int | None = None
    together: int = 0
    near: tuple[int, ...] = ()
    meant: str = ""
    products: tuple[Product, ...] = ()
    is_by_ean: bool = False

    @property
    def is_fine(self) -> bool:
        return self.verdict is Verdict.FINE

    @property
    def is_repeated(self) -> bool:
        return self.quantity is not None and self.together > self.quantity


def answers(lines: Sequence[PastedLine], notation: Notation) -> list[Answer]:
    """Answer every line of a list, in a number of statements that does not grow with it."""
    catalogue = _Catalogue(lines)
    first = [_named(line, catalogue, notation) for line in lines]
    together: Counter[int] = Counter()
    for answer in first:
        if answer.product is not None and answer.quantity is not None:
            together[answer.product.id] += answer.quantity
    return [_checked(answer, together) for answer in first]


def to_add(answered: Iterable[Answer]) -> list[tuple[Product, int]]:
    """Give each product of fine lines once, with the quantity of all of them."""
    fine = {
        answer.product.id: (answer.product, answer.together) for answer in answered if answer.is_fine and answer.product
    }
    return list(fine.values())


def _named(line: PastedLine, catalogue: "_Catalogue", notation: Notation) -> Answer:
    """Say which product a line names, and how many of it."""
    if not line.sku:
        return Answer(line, Verdict.NO_CODE)
    if line.whole and (found := catalogue.found(line.whole)):
        line = replace(line, sku=line.whole, quantity="")
    else:
        found = catalogue.found(line.sku)
    sold = [product for product in found if product.is_active]
    if len(sold) > 1:
        return Answer(line, Verdict.AMBIGUOUS, products=tuple(sorted(sold, key=lambda product: product.sku)))
    if not found:
        return Answer(line, Verdict.UNKNOWN, meant=catalogue.meant(line.sku))
    product = sold[0] if sold else found[0]
    quantity = whole_quantity(line.quantity, notation) if line.quantity else product.minimum_quantity
    is_by_ean = product.ean == line.sku != product.sku
    if not sold:
        return Answer(line, Verdict.NOT_SOLD, product, is_by_ean=is_by_ean)
    verdict = Verdict.UNREADABLE if quantity is None else Verdict.FINE
    return Answer(line, verdict, product, quantity, is_by_ean=is_by_ean)


def _checked(answer: Answer, together: Mapping[int, int]) -> Answer:
    """Hold the quantity of all lines of a product to its minimum and step."""
    product = answer.product
    if product is None or not answer.is_fine:
        return answer
    wanted, minimum, step = together[product.id], product.minimum_quantity, product.step_quantity
    if wanted > LARGEST_WHOLE:
        return replace(answer, verdict=Verdict.UNREADABLE, together=wanted)
    if may_be_ordered(wanted, minimum, step):
        return replace(answer, together=wanted)
    return replace(answer, verdict=Verdict.OFF_STEP, together=wanted, near=nearest(wanted, minimum, step))


class _Catalogue:
    """The products that codes name: read at once, and all SKUs only when there are codes that nobody has."""

    def __init__(self, lines: Iterable[PastedLine]) -> None:
        codes = {code for line in lines for code in (line.sku, line.whole) if _may_be_code(code)}
        self._by_sku: dict[str, Product] = {}
        self._by_ean: defaultdict[str, list[Product]] = defaultdict(list)
        self._by_folded: defaultdict[str, list[Product]] = defaultdict(list)
        self._similar = Similar(())
        self._left = MOST_MEANT
        for product in db.session.scalars(select(Product).where(or_(Product.sku.in_(codes), Product.ean.in_(codes)))):
            self._by_sku[product.sku] = product
            self._by_ean[product.ean].append(product)
        if unknown := {code for code in codes if not self.found(code)}:
            self._look_for(unknown)

    def _look_for(self, unknown: Collection[str]) -> None:
        """Find the products whose SKU is a code but for capitals, and what is sold to tell what may be meant."""
        skus = db.session.execute(select(Product.sku, Product.is_active)).all()
        wanted = {fold(code) for code in unknown}
        variants = [row.sku for row in skus if fold(row.sku) in wanted]
        for product in db.session.scalars(select(Product).where(Product.sku.in_(variants))):
            self._by_folded[fold(product.sku)].append(product)
        self._similar = Similar(row.sku for row in skus if row.is_active)

    def found(self, code: str) -> Sequence[Product]:
        """Give the product of a SKU, or those of an EAN, or those whose SKU is this one but for capitals."""
        if code in self._by_sku:
            return [self._by_sku[code]]
        return self._by_ean.get(code) or self._by_folded.get(fold(code)) or ()

    def meant(self, code: str) -> str:
        """Give the SKU that is most like a code, or nothing."""
        if not _may_be_code(code):
            return ""
        self._left -= len(code)
        return self._similar.to(code) if self._left >= 0 else ""


def _may_be_code(code: str) -> bool:
    return 0 < len(code) <= LONGEST_SKU and code.isprintable()


class Similar:
    """SKUs to be found by what is nearly one of them: letters and digits only, one of them wrong, or a few."""

    def __init__(self, skus: Iterable[str]) -> None:
        self._by_key = {_key(sku): sku for sku in sorted(skus, reverse=True)}
        self._keys = sorted(self._by_key)

    def to(self, code: str) -> str:
        """Give the SKU that is most like a code, or nothing when none is like it."""
        key = _key(code)
        if key in self._by_key:
            return self._by_key[key]
        close = [edited for edited in _edits(key) if edited in self._by_key]
        if close:
            return self._by_key[min(close, key=lambda other: (-_likeness(key, other), other))]
        place = bisect_left(self._keys, key)
        around = self._keys[max(place - NEIGHBOURS, 0) : place + NEIGHBOURS]
        return next((self._by_key[other] for other in get_close_matches(key, around, 1, LIKE_ENOUGH)), "")


def _key(sku: str) -> str:
    return re.sub("[^a-z0-9]", "", fold(sku))


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _edits(key: str) -> Iterator[str]:
    """Give what a key becomes by one sign more, less, other, or two swapped."""
    for place in range(len(key) + 1):
        before, after = key[:place], key[place:]
        yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for sign in ascii_lowercase + digits:
            yield before + sign + after[1:]
            yield before + sign + after
