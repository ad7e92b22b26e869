"""What is not an incident, on the page."""

from __future__ import annotations

from cases import HOSTILE, NOTE, case, infested

from logtrace.render import page


def test_notes_have_a_section_and_a_link_to_it() -> None:
    shown = page.render(case(quiet=(NOTE,)), light=True)
    assert '<section id="quiet"' in shown
    assert '<a href="#quiet">' in shown
    assert NOTE.sentence in shown
    assert "crm_report/osp-a/pacemaker.log:77" in shown


def test_without_notes_there_is_neither() -> None:
    assert "quiet" not in page.render(case(), light=True).partition("</style>")[2]


def test_nothing_in_a_note_is_markup() -> None:
    shown = page.render(case(quiet=infested((NOTE,), HOSTILE)), light=True)
    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown
