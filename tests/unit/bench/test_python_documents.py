"""The documents that keys are typed into."""

import ast

import pytest
from bench.python_documents import BEFORE, INDENTATION, places, python_document


@pytest.mark.parametrize("lines", [500, 5_000])
def test_a_document_is_valid_python_of_about_its_length(lines):
    text = python_document(lines)

    assert ast.parse(text)
    assert lines - 20 < text.count("\n") <= lines


def test_places_are_spread_in_order_and_a_statement_fits_there():
    text = python_document(500)
    found = places(text, 5)

    assert found == sorted(set(found))
    for place in found:
        assert text.startswith(BEFORE, place)
        assert ast.parse(f"{text[:place]}{INDENTATION}pass\n{text[place:]}")
