"""Where tests go: by the project where it shows, by the language's custom where it does not."""

from __future__ import annotations

import pytest

from fimble.editing.tests_file import tests_file as file_of_tests


@pytest.mark.parametrize(
    ("path", "language", "there", "chosen"),
    [
        ("shop.py", "python", (), "tests/test_shop.py"),
        ("src/shop/cart.py", "python", (), "tests/test_cart.py"),
        ("src/shop/cart.py", "python", ("tests", "tests/shop"), "tests/shop/test_cart.py"),
        ("src/shop/cart.py", "python", ("tests", "tests/unit"), "tests/unit/test_cart.py"),
        ("src/shop/cart.py", "python", ("src/shop/test_cart.py",), "src/shop/test_cart.py"),
        ("src/shop/cart.py", "python", ("tests", "tests/test_cart.py"), "tests/test_cart.py"),
        ("web/a.ts", "typescript", (), "web/a.test.ts"),
        ("web/a.ts", "typescript", ("web/__tests__",), "web/__tests__/a.test.ts"),
        ("pkg/a.go", "go", ("pkg",), "pkg/a_test.go"),
        ("src/main/java/x/Y.java", "java", (), "src/test/java/x/YTest.java"),
        ("lib/a.rb", "ruby", ("test",), "test/a_test.rb"),
        ("a.zig", "", (), "tests/test_a.zig"),
    ],
)
def test_the_file_of_tests(path: str, language: str, there: tuple[str, ...], chosen: str) -> None:
    assert file_of_tests(path, language, lambda each: each in there) == chosen
