"""Fetching an encoder: from a hub on this machine, interrupted, resumed, damaged, refused; and from a folder."""

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from indexer.encoders import fetch as fetching
from indexer.encoders import folder
from indexer.encoders import hub as hubs
from indexer.encoders.fetch import add, fetch
from indexer.encoders.folder import State, checked, encoder_id, remove, state
from indexer.encoders.pins import PINS, SEEN, digest, read_pins
from indexer.errors import IndexerError
from models.encoders.known import KnownEncoder
from tests.indexer.encoders.conftest import REPOSITORY
from tests.indexer.encoders.local_hub import COMMIT, LocalHub

WEIGHTS = "model.safetensors"


def fetched(models: Path, encoder: KnownEncoder) -> Path:
    list(fetch(models, encoder))
    return checked(models, encoder)


def test_fetches_the_listed_files_and_pins_them(hub: LocalHub, encoder: KnownEncoder, tmp_path: Path) -> None:
    moments = list(fetch(tmp_path, encoder))
    place = checked(tmp_path, encoder)
    content = hub.files[REPOSITORY]
    assert sorted(file.name for file in place.iterdir()) == sorted([*encoder.files, "special.json"])
    assert all((place / name).read_bytes() == content[name] for name in (*encoder.files, "special.json"))
    pin = read_pins(tmp_path)[encoder.name]
    assert (pin.revision, pin.source) == (COMMIT, REPOSITORY)
    assert pin.files == {name: sha256(content[name]).hexdigest() for name in (*encoder.files, "special.json")}
    assert encoder_id(tmp_path, encoder) == f"dinov2-base@{sha256(content[WEIGHTS]).hexdigest()[:12]}"
    bytes_done = [moment.done for moment in moments if moment.stage == "fetching dinov2-base"]
    assert bytes_done == sorted(bytes_done)
    assert bytes_done[-1] == moments[-1].total == sum(len(content[name]) for name in pin.files)
    assert not any("pytorch_model" in line for line in hub.asked)
    assert {line.split("/resolve/")[1].split("/")[0] for line in hub.asked if "/resolve/" in line} == {"main", COMMIT}
    assert state(tmp_path, encoder) == (State.FETCHED, "")


def test_goes_on_when_the_line_breaks(hub: LocalHub, encoder: KnownEncoder, tmp_path: Path) -> None:
    hub.cut_after = [1_500_000, 300_000]
    assert (fetched(tmp_path, encoder) / WEIGHTS).read_bytes() == hub.files[REPOSITORY][WEIGHTS]
    assert hub.gets(f"blob/{WEIGHTS}") == ["", "bytes=1500000-", "bytes=1800000-"]


def test_a_later_run_goes_on_with_what_is_there(hub: LocalHub, encoder: KnownEncoder, tmp_path: Path) -> None:
    hub.cut_after = [700_000, 0, 0, 0]
    with pytest.raises(IndexerError, match=r"model\.safetensors broke off after 1 of 2 MB: run the command again"):
        list(fetch(tmp_path, encoder))
    assert state(tmp_path, encoder) == (State.PARTIAL, "")
    assert not (tmp_path / PINS).exists()
    hub.asked.clear()
    fetched(tmp_path, encoder)
    assert hub.gets(f"blob/{WEIGHTS}") == ["bytes=700000-"]
    assert hub.gets("blob/config.json") == []
    assert not list(tmp_path.glob("*.partial"))


def test_stopped_by_the_user_it_keeps_what_came(hub: LocalHub, encoder: KnownEncoder, tmp_path: Path) -> None:
    run = fetch(tmp_path, encoder)
    for moment in run:
        if moment.note == WEIGHTS:
            break
    run.close()
    (part,) = tmp_path.glob(f".*.partial/{WEIGHTS}.part")
    came = part.stat().st_size
    assert came > 0
    hub.asked.clear()
    fetched(tmp_path, encoder)
    assert hub.gets(f"blob/{WEIGHTS}") == [f"bytes={came}-"]


def test_a_server_that_does_not_resume_is_asked_for_the_whole(
    hub: LocalHub, encoder: KnownEncoder, tmp_path: Path
) -> None:
    hub.cut_after, hub.ranges = [1_000_000], False
    assert (fetched(tmp_path, encoder) / WEIGHTS).read_bytes() == hub.files[REPOSITORY][WEIGHTS]


def test_damage_on_the_way_is_found_and_not_kept(hub: LocalHub, encoder: KnownEncoder, tmp_path: Path) -> None:
    true = hub.files[REPOSITORY][WEIGHTS]
    hub.served[WEIGHTS] = true[:-1] + bytes([true[-1] ^ 1])
    with pytest.raises(IndexerError, match=r"^model\.safetensors came damaged .*: fetch it again$"):
        list(fetch(tmp_path, encoder))
    hub.served = {"config.json": b'{"hidden_size": 9}'}
    shutil.rmtree(next(iter(tmp_path.glob("*.partial"))))
    with pytest.raises(IndexerError, match=r"^config\.json came damaged"):
        list(fetch(tmp_path, encoder))
    hub.served.clear()
    fetched(tmp_path, encoder)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, r"has no facebook/dinov2-base/model\.safetensors \(404\): see docs/encoders\.md"),
        (401, r"keeps facebook/dinov2-base/model\.safetensors to itself \(401\): get it by hand and add it"),
        (429, r"too many requests from here \(429\): try again in some minutes"),
        (503, r"failed \(503 Service Unavailable\): try again later"),
    ],
)
def test_what_the_hub_refuses_is_one_line(
    status: int, said: str, hub: LocalHub, encoder: KnownEncoder, tmp_path: Path
) -> None:
    hub.statuses[WEIGHTS] = status
    with pytest.raises(IndexerError, match=said) as caught:
        list(fetch(tmp_path, encoder))
    assert "\n" not in str(caught.value)


def test_no_network(encoder: KnownEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(IndexerError, match=r"cannot be reached \(.*refused.*\): check the network .* `fairouz-tui enc"):
        list(fetch(tmp_path, encoder))


def test_something_else_than_a_hub(
    hub: LocalHub, encoder: KnownEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.files["facebook/dinov2-base"] = {}
    other = hub.address + "/cdn/models/x/blob"
    hub.files["x"] = {f"facebook/dinov2-base/resolve/main/{name}": b"hello" for name in encoder.files}
    monkeypatch.setenv("HF_ENDPOINT", other)
    with pytest.raises(IndexerError, match="does not answer as a model hub does: check HF_ENDPOINT"):
        list(fetch(tmp_path, encoder))


def test_a_full_disk_is_seen_before(
    hub: LocalHub, encoder: KnownEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "free_bytes", lambda _: 201_000_000)
    with pytest.raises(IndexerError, match=r"dinov2-base needs 2 MB more and 200 MB to spare, 201 MB are free at"):
        list(fetch(tmp_path, encoder))
    assert hub.gets(f"blob/{WEIGHTS}") == []


def test_a_disk_that_fills_on_the_way(hub: LocalHub, tmp_path: Path) -> None:
    """Beyond a file size limit the kernel refuses to write, as it does on a full disk."""
    remote = hubs.look_up(REPOSITORY, WEIGHTS)
    full = Path("/dev/full")
    assert full.exists()
    (tmp_path / f"{WEIGHTS}.part").symlink_to(full)
    with pytest.raises(IndexerError, match=r"no space left for .*: free some and run the command again"):
        list(hubs.download(remote, tmp_path / WEIGHTS))


def test_weights_that_are_no_safetensors(hub: LocalHub, encoder: KnownEncoder, tmp_path: Path) -> None:
    hub.files[REPOSITORY][WEIGHTS] = b"\x80\x04 a pickle under another name"
    with pytest.raises(IndexerError, match=r"model\.safetensors is no safetensors file \(.*\): get it from another"):
        list(fetch(tmp_path, encoder))
    assert state(tmp_path, encoder)[0] is not State.FETCHED
    assert read_pins(tmp_path) == {}


def test_a_pin_outlives_its_files_and_binds(hub: LocalHub, encoder: KnownEncoder, tmp_path: Path) -> None:
    fetched(tmp_path, encoder)
    true = hub.files[REPOSITORY]["config.json"]
    assert remove(tmp_path, encoder) > 2_000_000
    assert state(tmp_path, encoder) == (State.PINNED, "")
    hub.files[REPOSITORY]["config.json"] = b'{"hidden_size": 16}'
    with pytest.raises(IndexerError, match=r"config\.json of dinov2-base is not what was pinned .* --forget"):
        list(fetch(tmp_path, encoder))
    hub.files[REPOSITORY]["config.json"] = true
    fetched(tmp_path, encoder)
    remove(tmp_path, encoder, forget=True)
    assert state(tmp_path, encoder) == (State.ABSENT, "")
    with pytest.raises(IndexerError, match="nothing to remove"):
        remove(tmp_path, encoder)


def test_what_is_here_is_not_fetched_twice(hub: LocalHub, encoder: KnownEncoder, tmp_path: Path) -> None:
    fetched(tmp_path, encoder)
    hub.asked.clear()
    with pytest.raises(IndexerError, match="is here already"):
        list(fetch(tmp_path, encoder))
    assert hub.asked == []


def test_only_one_command_at_a_time(hub: LocalHub, encoder: KnownEncoder, tmp_path: Path) -> None:
    run = fetch(tmp_path, encoder)
    next(run)
    with pytest.raises(IndexerError, match="another command is fetching"), folder.changing(tmp_path):
        pass
    run.close()


def test_files_that_change_later_are_found(hub: LocalHub, encoder: KnownEncoder, tmp_path: Path) -> None:
    weights = fetched(tmp_path, encoder) / WEIGHTS
    before = weights.stat()
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    # Size, time and inode are as they were: only a thorough check reads the bytes.
    assert state(tmp_path, encoder)[0] is State.FETCHED
    assert state(tmp_path, encoder, thorough=True)[0] is State.DAMAGED
    os.utime(weights)
    with pytest.raises(IndexerError, match=r"dinov2-base is damaged: model\.safetensors differs from what came first"):
        checked(tmp_path, encoder)
    weights.unlink()
    assert state(tmp_path, encoder) == (State.DAMAGED, "model.safetensors is missing")
    fetched(tmp_path, encoder)


def test_a_file_is_hashed_once(
    hub: LocalHub, encoder: KnownEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = fetched(tmp_path, encoder)
    hashed: list[str] = []

    def counted(path: Path) -> str:
        hashed.append(path.name)
        return digest(path)

    monkeypatch.setattr("indexer.encoders.pins.digest", counted)
    checked(tmp_path, encoder)
    assert hashed == []
    os.utime(place / "config.json")
    checked(tmp_path, encoder)
    checked(tmp_path, encoder)
    assert hashed == ["config.json"]
    (tmp_path / SEEN).write_text("{not json")
    checked(tmp_path, encoder)
    assert sorted(hashed[1:]) == sorted(read_pins(tmp_path)[encoder.name].files)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "other", "models": {}}', "\x00"])
def test_damaged_pins_are_one_line(content: str, encoder: KnownEncoder, tmp_path: Path) -> None:
    (tmp_path / PINS).write_text(content)
    with pytest.raises(IndexerError, match=r"pins\.json cannot be read"):
        state(tmp_path, encoder)


def test_from_a_folder(hub: LocalHub, encoder: KnownEncoder, tmp_path: Path) -> None:
    source, models = tmp_path / "source", tmp_path / "models"
    source.mkdir()
    for name in encoder.files:
        (source / name).write_bytes(hub.files[REPOSITORY][name])
    (source / "notes.txt").write_text("stays where it is")
    add(models, encoder, source)
    assert sorted(file.name for file in checked(models, encoder).iterdir()) == sorted(encoder.files)
    pin = read_pins(models)[encoder.name]
    assert (pin.revision, pin.source) == ("", str(source))
    shutil.rmtree(source)
    checked(models, encoder)
    # What came from a folder may come from the hub again: the contents bind, not the way.
    remove(models, encoder)
    fetched(models, encoder)
    assert json.loads((models / PINS).read_text())["models"][encoder.name]["source"] == str(source)


def test_folders_that_will_not_do(hub: LocalHub, encoder: KnownEncoder, tmp_path: Path) -> None:
    source, models = tmp_path / "source", tmp_path / "models"
    with pytest.raises(IndexerError, match="no folder"):
        add(models, encoder, source)
    source.mkdir()
    (source / "config.json").write_text("{}")
    with pytest.raises(IndexerError, match=r"lacks preprocessor_config\.json, model\.safetensors"):
        add(models, encoder, source)
    (source / "pytorch_model.bin").write_bytes(b"\x80")
    with pytest.raises(IndexerError, match=r"pytorch_model\.bin is no safetensors file .*: convert it"):
        add(models, encoder, source)
    (source / "preprocessor_config.json").write_text("{}")
    (source / WEIGHTS).write_bytes(b"\x80 a pickle")
    with pytest.raises(IndexerError, match="is no safetensors file"):
        add(models, encoder, source)
    assert state(models, encoder) == (State.ABSENT, "")
    assert (source / WEIGHTS).exists()
