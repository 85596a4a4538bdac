"""The stock of a small shop, unfinished on purpose: the README completes its last line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Item:
    """One kind of goods on the shelf."""

    name: str
    quantity: int
    price_cents: int


class Inventory:
    """All items by their stock keeping unit."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}

    def receive(self, sku: str, quantity: int) -> None:
        """Book goods that came in."""
        item = self._items.get(sku)
        if item is None:
            raise LookupError(f"there is no item {sku}")
        item.quantity += quantity

    def change_price(self, sku: str, price_cents: int) -> None:
        """Ask for another price from now on."""
        item = self._items.get(sku)
        if item is None:
            raise LookupError(f"there is no item {sku}")
        item.price_cents = price_cents

    def value_cents(self, sku: str) -> int:
        """Tell what all pieces of an item are worth."""
        item = self._items.get(sku)
        if item is None:
            raise LookupError(f"there is no item {sku}")
        return item.quantity * item.price_cents

    def ship(self, sku: str, quantity: int) -> None:
        """Book goods that went out."""
        item = self.
