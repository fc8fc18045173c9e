"""What a screen reader is told beside the words of a page."""

import book_heard


def test_the_open_page_is_marked_in_the_contents_and_no_other():
    other = '<li class="current"><a class="reference internal" href="a.html">A</a>'
    own = '<li class="current active"><a class="current reference internal" href="#">B</a>'
    marked = own.replace("<a ", '<a aria-current="page" ')
    assert book_heard.current(other + own) == other + marked


def test_an_exercise_is_a_group_with_its_number_as_its_name():
    head = '<p class="exercise-head"><b>Exercise 2</b> <span>On paper</span></p>'
    card = f'<div class="exercise docutils container">\n{head}'
    group = card.replace("<div ", '<div role="group" aria-label="Exercise 2" ')
    assert book_heard.named(f"<p>x</p>{card}") == f"<p>x</p>{group}"
    assert book_heard.named("<div class='exercise'></div>") == "<div class='exercise'></div>"
