"""The vocabulary is whole, documented, and agrees with its reference page."""

from __future__ import annotations

from pathlib import Path

from canyu.events import EVENT_SCHEMA, SEGMENT_NAMES, SPECS, Verb, find_verb

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "events.md"


def test_every_verb_has_its_spec_and_needs_only_fields_there_are() -> None:
    assert set(SPECS) == set(Verb)
    assert {need for spec in SPECS.values() for need in spec.needs} <= set(EVENT_SCHEMA.names)


def test_names_are_found_in_ours_and_in_segments() -> None:
    assert [find_verb(name) for name in ("Order Completed", " Repost ", "order", "")] == [
        Verb.ORDER,
        Verb.REPOST,
        Verb.ORDER,
        None,
    ]
    assert all(find_verb(name) is verb for name, verb in SEGMENT_NAMES.items())


def test_the_reference_page_names_every_verb_field_and_segment_name() -> None:
    page = REFERENCE.read_text("utf-8")
    for verb, spec in SPECS.items():
        needs = ", ".join(f"`{need}`" for need in spec.needs)
        assert f"| `{verb}` | {spec.meaning} | {needs} | `{spec.activity}` |" in page
    assert all(f"| `{name}` |" in page for name in EVENT_SCHEMA.names)
    assert all(f"| {name} | `{verb}` |" in page for name, verb in SEGMENT_NAMES.items())
