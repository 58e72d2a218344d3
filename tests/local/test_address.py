"""Word of a running stack: there is one, it is believed only while the stack lives, and rubbish is not."""

from pathlib import Path

import pytest

from backend.local import address
from backend.local.address import Address, StackError

HERE = Address("http://127.0.0.1:8000", "http://127.0.0.1:54321", "a key")


def test_a_stack_is_found_from_ready_to_stopping(tmp_path: Path) -> None:
    data_dir = tmp_path / "new" / "data"
    assert address.find(data_dir) is None
    with address.sole(data_dir):
        assert (address.find(data_dir), address.is_taken(data_dir)) == (None, True)
        address.publish(data_dir, HERE)
        assert address.find(data_dir) == HERE
        assert (data_dir / address.FILE).stat().st_mode & 0o777 == 0o600
        address.withdraw(data_dir)
        assert address.find(data_dir) is None
    assert not address.is_taken(data_dir)


def test_what_a_killed_stack_left_is_not_believed(tmp_path: Path) -> None:
    with address.sole(tmp_path):
        address.publish(tmp_path, HERE)
    assert (tmp_path / address.FILE).exists()
    assert address.find(tmp_path) is None
    with address.sole(tmp_path):
        assert address.find(tmp_path) is None


def test_a_second_stack_learns_where_the_first_is(tmp_path: Path) -> None:
    with address.sole(tmp_path):
        with pytest.raises(StackError, match="still starting"), address.sole(tmp_path):
            pytest.fail("two stacks on one directory")
        address.publish(tmp_path, HERE)
        with pytest.raises(StackError, match=r"already, at http://127\.0\.0\.1:8000;"):
            address.sole(tmp_path).__enter__()
        assert address.find(tmp_path) == HERE


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"api_url": "http://x"}', "null", "\x00"])
def test_a_broken_note_is_no_stack(tmp_path: Path, text: str) -> None:
    with address.sole(tmp_path):
        (tmp_path / address.FILE).write_text(text)
        assert address.find(tmp_path) is None


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match="cannot hold the data: Not a directory"):
        address.sole(tmp_path / "file" / "data").__enter__()
