"""Which lines name the blocks around a window that begins inside them."""

from __future__ import annotations

import pytest

from fimble.completion.window import enclosing_lines
from fimble.text.snapshot import Snapshot

PYTHON = '''\
class Cart:
    # What is in it.
    def total(self, prices):
        """Add up."""
        for price in prices:
            yield price
'''

TYPESCRIPT = """\
export class Observer<
  TData = unknown,
> extends Subscribable<TData> {
  /**
   * Sets what is wanted.
   */
  setOptions(
    options: Options,
  ): void {
    // Later.
    if (options.enabled) {
      this.update()
"""


@pytest.mark.parametrize(
    ("source", "line", "headers"),
    [
        pytest.param(PYTHON, 0, [], id="at the top"),
        pytest.param(
            PYTHON,
            5,
            ["class Cart:", "    def total(self, prices):", "        for price in prices:"],
            id="no comment names a block",
        ),
        pytest.param(
            TYPESCRIPT,
            11,
            ["export class Observer<", "  setOptions(", "    if (options.enabled) {"],
            id="of a header over several lines the first one",
        ),
    ],
)
def test_a_window_begins_with_the_lines_that_open_the_blocks_around_it(
    source: str, line: int, headers: list[str]
) -> None:
    assert enclosing_lines(Snapshot.from_text(source), line).splitlines() == headers
