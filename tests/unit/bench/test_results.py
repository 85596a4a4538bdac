"""The results file: a bench replaces its own section and touches no other."""

from bench.results import replace_section

TEXT = "# Results\n\nIntro.\n\n## One\n\nold\n\n### Part\n\nold too\n\n## Two\n\nkept\n"


def test_a_section_is_replaced_with_its_parts_and_the_others_stay():
    replaced = replace_section(TEXT, "One", "new\n")

    assert replaced == "# Results\n\nIntro.\n\n## One\n\nnew\n\n## Two\n\nkept\n"


def test_a_new_section_is_added_at_the_end():
    assert replace_section(TEXT, "Three", "first") == f"{TEXT}\n## Three\n\nfirst\n"


def test_writing_the_same_section_twice_changes_nothing():
    once = replace_section(TEXT, "Two", "figures")

    assert replace_section(once, "Two", "figures") == once


def test_a_heading_that_only_begins_alike_is_another_section():
    assert "old" in replace_section(TEXT, "On", "figures")
