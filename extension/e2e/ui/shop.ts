/** The file that is typed, and how it will be when everything is typed. */

export const HEAD = `"""A shop that knows its prices."""


class Shop:
    def __init__(self, prices: dict[str, int]) -> None:
        self._prices = dict(prices)
        self._sold: list[str] = []

`;

export const TARGET = `${HEAD}    def price_of(self, name: str) -> int:
        return self._prices[name]

    def sell(self, name: str) -> int:
        price = self.price_of(name)
        self._sold.append(name)
        return price

    def turnover(self) -> int:
        return sum(self.price_of(name) for name in self._sold)

    def rename(self, old: str, new: str) -> None:
        self._prices[new] = self._prices.pop(old)
`;

/** What stands in the file when a scenario begins: up to a piece of the target, included. */
export function upTo(piece: string): string {
  const at = TARGET.indexOf(piece);
  if (at < 0) {
    throw new Error(`the target has no "${piece}"`);
  }
  return TARGET.slice(0, at + piece.length);
}
