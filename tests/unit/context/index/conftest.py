"""A small workspace and an index of it that no other test sees."""

import pytest

from fimble.context.index.symbol_index import SymbolIndex

SHOP = '''\
"""A shop."""

import decimal
from money import Money as Cash


class Cart:
    """What somebody wants to buy."""

    rate = 3

    @property
    def total(self) -> Cash:
        """Add everything up."""
        return add_prices(self.items)


def add_prices(items):
    return sum(items)
'''
CHECKOUT = """\
from shop import Cart, add_prices

def pay(cart: Cart):
    # add_prices is called twice
    add_prices(cart.items)
    return cart.total
"""


@pytest.fixture
def workspace(tmp_path):
    root = tmp_path / "workspace"
    (root / "src").mkdir(parents=True)
    (root / "src" / "shop.py").write_text(SHOP, "utf-8")
    (root / "src" / "checkout.py").write_text(CHECKOUT, "utf-8")
    (root / "settings.json").write_text('{"total": 1}', "utf-8")
    (root / "README.md").write_text("# Cart\n", "utf-8")
    return root


@pytest.fixture
def index(workspace, tmp_path):
    index = SymbolIndex(workspace, folder=tmp_path / "cache")
    yield index
    index.close()
