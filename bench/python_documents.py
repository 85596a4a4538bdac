"""Plain Python of a wanted length, with places in it where a person might go on writing."""

from __future__ import annotations

_CLASS = '''\
class Shelf{number}:
    """Holds goods of kind {number} and knows what they are worth."""

    def __init__(self, goods: list[Goods], price: int = {number}) -> None:
        self.goods = goods
        self.price = price

    def value(self, discount: float) -> float:
        """Return the value of everything on the shelf, in cents."""
        total = 0.0
        for item in self.goods:
            if item.damaged:
                continue
            total += item.quantity * self.price * (1 - discount)
        return total

    def names(self) -> list[str]:
        """Return the names of the goods, sorted."""
        return sorted(item.name for item in self.goods)

'''
LINES_PER_CLASS = _CLASS.count("\n")
BEFORE = "        return total\n"
"""A new line may be written before every line like this one."""
INDENTATION = " " * 8


def python_document(line_count: int) -> str:
    """Return `line_count` lines at most of classes, without a class that is cut off."""
    return "".join(
        _CLASS.format(number=number) for number in range(max(1, line_count // LINES_PER_CLASS))
    )


def places(text: str, count: int) -> list[int]:
    """Return `count` offsets of places to write at, spread over the document."""
    found: list[int] = []
    at = text.find(BEFORE)
    while at != -1:
        found.append(at)
        at = text.find(BEFORE, at + 1)
    return [found[(2 * index + 1) * len(found) // (2 * count)] for index in range(count)]
