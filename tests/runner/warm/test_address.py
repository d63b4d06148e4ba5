from __future__ import annotations

import os
import socket
import stat
import time

import pytest

from runner.processes.scratch import private_folder, remove_folder
from runner.warm import address


@pytest.mark.parametrize("word", ["0", "off", "No"])
def test_it_can_be_switched_off(monkeypatch, word):
    monkeypatch.setenv(address.SWITCH, word)
    assert address.why_not() == f"switched off by RIBBON_WARM={word}"


def test_other_packages_are_another_name(monkeypatch, tmp_path):
    packages = tmp_path / "site-packages"
    packages.mkdir()
    monkeypatch.setattr(address.site, "getsitepackages", lambda: [str(packages)])
    before = address.fingerprint()
    assert address.fingerprint() == before
    (packages / "new-1.0.dist-info").mkdir()
    assert address.fingerprint() != before


def test_the_kept_socket_has_one_place_whatever_the_session(monkeypatch):
    here = address.server_socket()
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    monkeypatch.setenv("TMPDIR", "/var/tmp")
    assert address.server_socket() == here
    assert stat.S_IMODE(here.parent.stat().st_mode) == 0o700 and here.parent.stat().st_uid == os.getuid()


@pytest.mark.parametrize("made", ["open", "link"])
def test_a_folder_that_others_may_enter_is_refused(monkeypatch, tmp_path, made):
    monkeypatch.setattr(address, "_SHORT", tmp_path)
    folder = tmp_path / f"ribbon-warm-{os.getuid()}"
    if made == "link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.mkdir()
        folder.chmod(0o755)
    with pytest.raises(PermissionError, match="remove it"):
        address.server_socket()


def test_a_socket_that_nobody_listens_at_is_no_server_and_is_cleared(tmp_path):
    folder = private_folder("rib-test")
    place = folder / "old.sock"
    with socket.socket(socket.AF_UNIX) as left, socket.socket(socket.AF_UNIX) as living:
        left.bind(str(place))
        left.close()
        living.bind(str(folder / "new.sock"))
        living.listen()
        assert place.exists() and not address.listens(place) and not address.listens(tmp_path / "none")
        (folder / "file.sock").write_text("no socket")
        assert address.clear_dead_sockets(folder) == ["old.sock"]
        assert sorted(path.name for path in folder.glob("*.sock")) == ["file.sock", "new.sock"]
    remove_folder(folder)


def test_the_state_of_our_code_is_another_after_any_change_of_a_file(tmp_path, monkeypatch):
    """Also one that leaves size and write time as they were, and a file beside the code; what Python compiles is none."""
    monkeypatch.setattr(address, "_CODE", (str(tmp_path / "lib"), str(tmp_path / "runner")))
    for room in ("lib", "runner"):
        (tmp_path / room / "deep" / "__pycache__").mkdir(parents=True)
    module, beside = tmp_path / "lib" / "deep" / "a.py", tmp_path / "runner" / "words.html"
    states = [address.code_state()]

    def another() -> bool:
        states.append(address.code_state())
        return states[-1] not in states[:-1]

    module.write_text("A = 1\n")
    assert another()
    before = module.stat()
    time.sleep(0.02)  # the system's clock of files goes in steps
    module.write_text("A = 2\n")
    os.utime(module, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert another()
    beside.write_text("a")
    assert another()
    (module.parent / "__pycache__" / "a.pyc").write_text("")
    (module.parent / "gone.py").symlink_to("nowhere")
    assert not another()
    beside.unlink()
    assert address.code_state() == states[2]
