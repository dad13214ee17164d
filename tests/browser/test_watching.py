"""What the tests watch for in every browser is really noticed: a breach of the policy, an error, a foreign host."""

import pytest

from tests.browser.conftest import NewPerson
from tests.browser.person import Person
from tests.chats.waiting import until

BREACHES = {
    "an inline script": "document.body.append(Object.assign(document.createElement('script'), {textContent: '1'}))",
    "an inline style": "document.body.append(Object.assign(document.createElement('style'), {textContent: 'b{}'}))",
    "a style attribute": "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')",
    "a listener in an attribute": "document.body.insertAdjacentHTML('beforeend', '<p onclick=\"1\">')",
    "eval": "new Promise(done => { setTimeout('1'); done() })",
    "a foreign host": "fetch('http://127.0.0.1:9/').catch(() => {})",
    "a foreign picture": "document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/x.png'}))",
    "an error": "setTimeout(() => { throw new Error('unhandled') })",
}


@pytest.mark.parametrize("breach", BREACHES.values(), ids=list(BREACHES))
async def test_a_breach_is_noticed(person: Person, breach: str) -> None:
    assert person.complaints == []
    await person.page.evaluate(f"() => {{ {breach} }}")
    await until(lambda: person.complaints)
    person.complaints.clear()


async def test_pages_for_operators_and_programmers_breach_nothing(new_person: NewPerson) -> None:
    person = await new_person("")
    for path in ("/admin/", "/api/docs", "/api/docs/websocket", "/signup"):
        await person.page.goto(f"{person.site.url}{path}")
        await person.page.wait_for_load_state("networkidle")
    assert [each for each in person.complaints if "404" not in each] == []
    person.complaints.clear()
