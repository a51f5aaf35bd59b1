from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.kit.ids import derived_id, new_id


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(10_000)]

    assert ids == sorted(set(ids))
    assert {id.version for id in ids} == {7}


@given(st.uuids(), st.text(max_size=20))
def test_a_retry_derives_the_same_id(origin: UUID, role: str) -> None:
    assert derived_id(origin, role) == derived_id(str(origin).upper(), role)


@given(st.uuids(), st.sets(st.text(max_size=20), min_size=2, max_size=20))
def test_another_role_derives_another_id(origin: UUID, roles: set[str]) -> None:
    assert len({derived_id(origin, role) for role in roles}) == len(roles)
