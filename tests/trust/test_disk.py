"""A storage without room: what cannot be kept is refused, and nothing is left half."""

import contextlib
import resource
from collections.abc import Iterator

from tests.conftest import TestSupabase
from tests.founders import at_the_start
from tests.people import Person

ROOM = 50_000


@contextlib.contextmanager
def little_room() -> Iterator[None]:
    """No file of this process, which serves the storage, grows beyond ROOM bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_paper_that_does_not_fit(paying_owner: Person, supabase: TestSupabase) -> None:
    founder = await at_the_start(paying_owner)
    paper = "\n".join(f"Bakery {n} orders flour on paper." for n in range(ROOM // 20)).encode()
    with little_room():
        refused = await founder.upload("paper.md", paper)
    assert refused.status_code == 502, refused.text
    assert refused.json()["code"] == "storage_failed"
    assert await founder.vault() == []
    assert supabase.objects_of(paying_owner) == []
    assert (await founder.upload("paper.md", paper)).status_code == 200
    assert len(await founder.vault()) == len(supabase.objects_of(paying_owner)) == 1
