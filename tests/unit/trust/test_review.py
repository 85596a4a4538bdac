"""Which offers count, which wait, and what a yes pins."""

from hypothesis import given
from hypothesis import strategies as st

from fimble.trust.pins import Pin, TrustRecord, WorkspaceTrust, setting_line
from fimble.trust.review import Offer, OfferKind, ReviewState, approved, review


def offer(path="a", text="one\n", **more) -> Offer:
    return Offer(kind=OfferKind.TEMPLATE, path=path, text=text, **more)


def record(**texts) -> TrustRecord:
    pins = tuple(Pin(path=path, text=text) for path, text in texts.items())
    return TrustRecord(workspace="/w", reviewed="2026-01-01T00:00:00+00:00", pins=pins)


def states(reviewed):
    return {each.offer.path: each.state for each in reviewed.offers}


def test_t05_without_a_record_everything_waits_and_nothing_counts():
    reviewed = review(None, [offer()])

    assert states(reviewed) == {"a": ReviewState.NEW}
    assert not WorkspaceTrust().granted
    assert WorkspaceTrust().allows("a", "one\n") is None


def test_t05_only_what_changed_or_is_new_waits():
    held = review(
        record(a="one\n", b="two\n", d="four\n"),
        [offer(), offer("b", "2\n"), offer("c"), offer("e", refusal="It is a link.")],
    )

    assert states(held) == {
        "a": ReviewState.ENABLED,
        "b": ReviewState.CHANGED,
        "c": ReviewState.NEW,
        "e": ReviewState.REFUSED,
    }
    assert [each.offer.path for each in held.waiting] == ["b", "c"]
    assert held.gone == ("d",)


def test_a_change_is_shown_against_what_was_reviewed():
    (changed,) = review(record(a="one\ntwo\n"), [offer(text="one\n2\n")]).offers
    (new,) = review(None, [offer()]).offers
    (end,) = review(record(a="one"), [offer()]).offers

    assert list(changed.diff()) == [
        "--- reviewed/a",
        "+++ a",
        "@@ -1,2 +1,2 @@",
        " one",
        "-two",
        "+2",
    ]
    assert list(new.diff()) == ["--- /dev/null", "+++ a", "@@ -0,0 +1 @@", "+one"]
    assert list(end.diff()) == ["a: only the end of its last line changed."]


def test_a_yes_pins_what_was_shown_keeps_what_is_gone_and_never_what_is_refused():
    before = record(a="one\n", gone="x", bad="y")
    shown = review(before, [offer(text="new"), offer("bad", "", refusal="It is a link.")])

    assert approved(before, shown) == (Pin(path="a", text="new"), Pin(path="gone", text="x"))


@given(st.text(), st.text())
def test_t05_whatever_a_file_holds_it_counts_with_the_text_that_was_reviewed(reviewed, found):
    trust = WorkspaceTrust(record=record(a=reviewed))

    assert trust.allows("a", found) == reviewed
    assert trust.allows("b", reviewed) is None


def test_a_setting_counts_by_its_value_however_it_is_written():
    line = setting_line("embedded.confidence", 0.5)
    trust = WorkspaceTrust(record=record(**{".fimble/config.toml#embedded.confidence": line}))

    assert trust.allows_setting("embedded.confidence", 0.5)
    assert not trust.allows_setting("embedded.confidence", 0.4)
    assert not trust.allows_setting("completion.layout", "psm")
    assert WorkspaceTrust(everything=True).allows_setting("completion.layout", "psm")


def test_a_yes_to_a_part_pins_that_part_alone():
    shown = review(None, [offer("a/x", "1"), offer("a/y", "2"), offer("ab", "3")])

    folder, file = shown.part("a"), shown.part("ab")

    assert states(folder).keys() == {"a/x", "a/y"}
    assert [pin.path for pin in approved(None, file)] == ["ab"]
    assert states(shown.joined([file, shown.part("a/y")])).keys() == {"a/y", "ab"}
    assert not shown.joined(()).waiting
