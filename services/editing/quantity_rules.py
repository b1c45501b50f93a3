"""How many of a product may be ordered: its minimum and its step. Pure."""


def may_be_ordered(quantity: int, minimum: int, step: int) -> bool:
    """Say whether a quantity is at least the minimum and a multiple of the step."""
    return quantity >= minimum and quantity % step == 0


def nearest(quantity: int, minimum: int, step: int) -> tuple[int, ...]:
    """Give the quantities that may be ordered instead, below and above: `25` per 12 is `(24, 36)`.

    Below the minimum there is none, so then they are the first two. The minimum is a multiple of the step.
    """
    below = max(quantity - quantity % step, minimum)
    return (below, below + step)
