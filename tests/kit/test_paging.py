from base64 import urlsafe_b64encode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gotong.address.v1.address_pb2 import ListAddressesRequest
from services.kit.paging import InvalidPageToken, Window

GARBAGE = ["!!!!", "====", "7", "A", "zzzz", "AA==", "w6k=\n", " ", "bm8", "bm9=", "é"]


def window(token: str = "", size: int = 0) -> Window:
    return Window.of(ListAddressesRequest(page_size=size, page_token=token))


def page_of_numbers(rows: list[int], token: str, size: int) -> tuple[list[int], str]:
    wanted = window(token, size)
    found = [row for row in rows if row > wanted.after_number][: wanted.limit]
    page, next_token = wanted.page(found, lambda row: row)
    return list(page), next_token


@given(st.sets(st.integers(0, 2**63 - 1), max_size=60), st.integers(1, 100))
def test_a_walk_sees_every_row_once_whatever_the_page_size(numbers: set[int], size: int) -> None:
    rows = sorted(numbers)
    seen, token = page_of_numbers(rows, "", size)
    while token:
        page, token = page_of_numbers(rows, token, size)
        assert page, "an empty page in the middle"
        seen += page

    assert seen == rows


@given(st.sets(st.uuids(), min_size=2))
def test_an_id_makes_the_round_trip(ids: set[UUID]) -> None:
    rows = sorted(ids, reverse=True)

    _, token = window(size=1).page(rows, lambda row: row)

    assert (window(token).before_id, window(token).after_id) == (rows[0], rows[0])


@given(st.text().filter(lambda text: "\0" not in text))
def test_any_text_makes_the_round_trip(key: str) -> None:
    try:
        key.encode()
    except UnicodeEncodeError:
        return
    _, token = window(size=1).page([key, key], str)

    assert window(token).after == key


def test_without_a_token_a_walk_begins_before_everything() -> None:
    assert window().before_id == UUID(int=2**128 - 1)
    assert window().after_id == UUID(int=0)
    assert window().after_number == -1
    assert window().after == ""
    assert window().size == 20


@pytest.mark.parametrize("rows", [0, 1, 19, 20])
def test_the_last_page_has_no_token(rows: int) -> None:
    assert window().page(range(rows), str) == (range(rows), "")


@pytest.mark.parametrize("token", GARBAGE)
def test_a_token_that_no_list_gave_out_is_refused(token: str) -> None:
    with pytest.raises(InvalidPageToken):
        window(token)


@pytest.mark.parametrize("key", ["", "x", "-2", str(2**63), "1.5", "7" * 150])
def test_a_key_that_is_no_number_of_a_row_is_refused(key: str) -> None:
    token = urlsafe_b64encode(key.encode()).decode()

    if key:
        with pytest.raises(InvalidPageToken):
            _ = window(token).after_number
    else:
        assert window(token).after_number == -1


@given(st.text(max_size=40))
def test_a_key_that_is_no_id_is_refused(key: str) -> None:
    try:
        token = urlsafe_b64encode(f"#{key}".encode()).decode()
    except UnicodeEncodeError:
        return
    with pytest.raises(InvalidPageToken):
        _ = window(token).before_id
    with pytest.raises(InvalidPageToken):
        _ = window(token).after_id
