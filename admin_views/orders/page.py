"""What the order list's template is given: words, numbers and addresses, ready to be written."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from admin_views.notation import notation
from admin_views.orders.export_choice import ExportChoice
from models.status import OrderStatus
from services.status_counts import CountedStatus


class Badge(NamedTuple):
    """A status as it is shown: its name on one of the palette's grounds (`st-<colour>`)."""

    code: str
    name: str
    colour: str

    @classmethod
    def of(cls, status: OrderStatus | CountedStatus) -> "Badge":
        """Give the badge of a status."""
        return cls(status.code, status.name, status.colour)


class SetMember(NamedTuple):
    """A status inside a status set, with its own count and address."""

    badge: Badge
    orders: str
    url: str


class TabLink(NamedTuple):
    """One status tab. `members` is empty unless the tab is a status set."""

    key: str
    name: str
    orders: str
    url: str
    is_current: bool
    members: tuple[SetMember, ...] = ()


@dataclass(frozen=True)
class CompanyPicker:
    """The My Companies picker: what is chosen, and where choices lead.

    `choose_url` ends in `company=`; a company's id is appended to it. `most` are looked up at once.
    """

    label: str
    is_chosen: bool
    is_mine: bool
    all_url: str
    mine_url: str
    mine_count: int
    choose_url: str
    lookup_url: str
    most: int
    error: str = ""


@dataclass(frozen=True)
class ViewLink:
    """A saved view in the menu. `owner` is who shares it, empty for one's own."""

    name: str
    url: str
    owner: str
    is_shared: bool
    is_default: bool
    is_current: bool


@dataclass(frozen=True)
class ViewPage:
    """The view that is open: its own address, and those by which it is changed, empty where the person may not.

    `is_changed`: the list is another one than the view says, and `is_left` only by what does not fit any more.
    `return_url` is the list as it is.
    """

    name: str
    version: int
    is_shared: bool
    is_default: bool
    is_changed: bool
    is_left: bool
    url: str
    return_url: str
    default_url: str
    update_url: str = ""
    rename_url: str = ""
    delete_url: str = ""
    share_url: str = ""


@dataclass(frozen=True)
class ViewMenu:
    """The saved views, the address at which the list as it is becomes one, and that of the list without any."""

    own: tuple[ViewLink, ...]
    shared: tuple[ViewLink, ...]
    save_url: str
    plain_url: str
    opened: ViewPage | None


class SearchField(NamedTuple):
    """A field that the text search may look into."""

    name: str
    label: str
    group: str
    is_selected: bool


@dataclass(frozen=True)
class SearchMenu:
    """The fields that a search looks into, and those that it looks into at first."""

    fields: tuple[SearchField, ...]
    default_fields: tuple[str, ...]

    @property
    def selected(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields if each.is_selected)


@dataclass(frozen=True)
class Search:
    """The search box: its text, its fields, and the state that its form must carry along."""

    text: str
    menu: SearchMenu
    carried: tuple[tuple[str, str], ...]
    longest: int
    error: str = ""


@dataclass(frozen=True)
class Chip:
    """An active filter. `error` is the sentence that says why it cannot be read, `days` are those that it means now."""

    label: str
    value: str
    remove_url: str
    error: str = ""
    days: str = ""


@dataclass(frozen=True)
class Choice:
    """One choice of a filter in the drawer. `badge` is set for order statuses."""

    value: str
    label: str
    is_selected: bool
    badge: Badge | None = None


@dataclass(frozen=True)
class FilterInput:
    """One input of a filter: an address parameter with what was asked and what is wrong with it."""

    name: str
    label: str
    value: str
    error: str = ""


@dataclass(frozen=True)
class FilterGroup:
    """A filter in the drawer.

    `kind` is one of `choices`, `marks`, `dates`, `amounts`, `days`, or the look-up by which its values are found:
    how its inputs are drawn. `dates` and `amounts` have two inputs (from, to), `days` one with a number, the
    others one whose value is comma-joined.
    """

    name: str
    label: str
    kind: str
    hint: str
    is_set: bool
    inputs: tuple[FilterInput, ...]
    choices: tuple[Choice, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether something can be chosen or taken away; a list of choices may have none yet."""
        return self.is_set or bool(self.choices) or self.kind != "choices"


class Heading(NamedTuple):
    """A column heading. `direction` is `ascending`, `descending` or empty, `sort_url` empty where nothing sorts."""

    name: str
    label: str
    description: str
    css: str
    sort_url: str
    direction: str


class ColumnChoice(NamedTuple):
    """A column in the table editor."""

    name: str
    label: str
    is_shown: bool


@dataclass(frozen=True)
class TableEditor:
    """The table editor: every column, those shown first and in their order; the first is fixed.

    `is_fallback` says that the person's own columns could not be read, `return_url` where saving leads.
    """

    choices: tuple[ColumnChoice, ...]
    default: tuple[str, ...]
    is_fallback: bool
    return_url: str


class PageLink(NamedTuple):
    """A page number with its address."""

    number: int
    url: str
    is_current: bool


class PageSize(NamedTuple):
    """A page size with its address."""

    size: int
    url: str
    is_current: bool


@dataclass(frozen=True)
class Extent:
    """How many orders match, and which of them a page shows. Of those counted up to `cap` there are more."""

    count: int
    page: int
    page_size: int
    rows: int
    cap: int | None

    @property
    def pages(self) -> int | None:
        """How many pages there are, if that is known."""
        return None if self.cap else -(-self.count // self.page_size)

    @property
    def has_next(self) -> bool:
        return self.rows == self.page_size and (self.pages is None or self.page < self.pages)

    @property
    def last_row(self) -> int:
        """The place of the last row of the page among all that match."""
        return (self.page - 1) * self.page_size + self.rows

    @property
    def total_text(self) -> str:
        """How many match, as far as that is known: counting stops at the cap, the pages go on."""
        return f"{notation().whole(max(self.cap, self.last_row))}+" if self.cap else notation().whole(self.count)


@dataclass(frozen=True)
class Pager:
    """Which rows are shown and how to get to others. A None among `links` is a gap."""

    range_text: str
    links: tuple[PageLink | None, ...]
    previous_url: str
    next_url: str
    sizes: tuple[PageSize, ...]


@dataclass(frozen=True)
class ExportOffer:
    """What can be chosen of a file: in the dialog over the list, or on a page of its own, which has a `cancel_url`.

    `conditions` says which orders match, and `most` is what a worksheet holds. `counts` are orders and lines, and
    `is_of_ticked` whether it is of them; both are known to the page only.
    """

    conditions: str
    columns_text: str
    choice: ExportChoice
    most: int
    counts: tuple[int, int] | None = None
    is_of_ticked: bool = False
    cancel_url: str = ""

    @property
    def most_text(self) -> str:
        """Write `most`."""
        return notation().whole(self.most)

    @property
    def count_texts(self) -> list[str]:
        """Write `counts`."""
        return [notation().whole(count) for count in self.counts or ()]


@dataclass(frozen=True)
class Export:
    """The Export button and its form.

    `url` downloads the view as the person last chose, and `ticked_title` says so of `{n}` ticked orders. `page_url`
    is the form as a page, `start_url` takes what is chosen of the `offer`, and `streamed` are the most rows of a
    worksheet that is not written in the background.
    """

    url: str
    page_url: str
    start_url: str
    count_url: str
    ticked_title: str
    streamed: int
    offer: ExportOffer


@dataclass(frozen=True)
class BatchAction:
    """An action of the bar that appears when rows are ticked."""

    name: str
    label: str
    icon: str


@dataclass(frozen=True)
class WayOut:
    """A link out of a list without rows."""

    label: str
    url: str


@dataclass(frozen=True)
class Nothing:
    """Why no order matches, and the links that widen the list."""

    text: str
    ways_out: tuple[WayOut, ...]


@dataclass(frozen=True)
class FiltersDrawer:
    """The drawer with every filter, and the state that its form must carry along.

    `values` and `faults` are those of the filters, `against` is all that they are read against: what `groups` gives
    depends on nothing else. `view_says` names what the open view says by itself: a form must send it empty to take
    it away. `today` is the person's, as `2026-11-23`.
    """

    values: tuple[tuple[str, str], ...]
    faults: tuple[tuple[str, str], ...]
    against: Hashable
    groups: Callable[[], tuple[FilterGroup, ...]] = field(compare=False)
    set_count: int
    carried: tuple[tuple[str, str], ...]
    view_says: tuple[str, ...]
    today: str
    clear_url: str


def page_numbers(current: int, pages: int | None, *, has_next: bool) -> list[int | None]:
    """Give the pages to link: the first, those around the current one, the last; None is a gap."""
    last = pages if pages is not None else current + int(has_next)
    wanted = sorted({1, *range(max(1, current - 2), min(last, current + 2) + 1), last})
    numbers: list[int | None] = []
    for number in wanted:
        if numbers and number != (numbers[-1] or 0) + 1:
            numbers.append(None)
        numbers.append(number)
    if pages is None and has_next:
        numbers.append(None)
    return numbers
