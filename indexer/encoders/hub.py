"""Ask a model hub for files and bring them to disk, resuming what was begun. The only place that reaches the network.

The hub's layout: `<endpoint>/<owner>/<name>/resolve/<revision>/<file>`, whose headers name the commit (X-Repo-Commit)
and, for large files, size and SHA-256 (X-Linked-Size, X-Linked-ETag); small ones carry git's blob hash as ETag.
HF_ENDPOINT names another hub; https_proxy, no_proxy and SSL_CERT_FILE are heeded.
"""

import errno
import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from hashlib import sha1
from typing import IO, TYPE_CHECKING, Any

from indexer.encoders.pins import digest
from indexer.errors import IndexerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HUB = "https://huggingface.co"
_SECONDS = 30.0
"""Without a byte for this long, the line is dead."""
_BLOCK = 1 << 20
_TRIES = 4
"""How often one download goes on after the line broke; a further run of the command goes on as well."""
_HOPS = 5
_BROKEN = (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError)


class NotOnHubError(IndexerError):
    """A file that the repository does not have."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A file of a repository at one commit."""

    url: str
    commit: str
    size: int
    etag: str
    """64 hex digits: SHA-256 of the content; 40: git's blob hash; anything else says nothing."""


def look_up(repository: str, file: str, *, revision: str = "main") -> Remote:
    """Ask for size, hash and commit of a file.

    Raises
    ------
    NotOnHubError
        When there is no such file, repository or revision.
    IndexerError
        When the hub cannot be reached or refuses.

    """
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or HUB
    url = f"{endpoint}/{repository}/resolve/{urllib.parse.quote(revision, safe='')}/{urllib.parse.quote(file)}"
    try:
        headers = _headers(url)
    except urllib.error.HTTPError as error:
        raise _refused(error, f"{repository}/{file}", endpoint) from error
    except _BROKEN as error:
        raise _unreachable(error, endpoint) from error
    commit = headers.get("x-repo-commit", "")
    size = headers.get("x-linked-size") or headers.get("content-length") or ""
    if not commit or not size.isdecimal():
        raise IndexerError(f"{endpoint} does not answer as a model hub does: check HF_ENDPOINT")
    etag = (headers.get("x-linked-etag") or headers.get("etag") or "").removeprefix("W/").strip('"')
    pinned = url.replace(f"/resolve/{urllib.parse.quote(revision, safe='')}/", f"/resolve/{commit}/")
    return Remote(pinned, commit, int(size), etag)


def download(remote: Remote, target: "Path") -> "Iterator[int]":
    """Bring a file to `target`, through `target`.part, which a later call goes on with; yields its bytes so far.

    Raises
    ------
    IndexerError
        When the line stays broken, the disk is full, or what came is not what the hub named; the last drops the part.

    """
    part = target.with_name(f"{target.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(_TRIES):
        if _length(part) >= remote.size:
            break
        try:
            yield from _go_on(remote, part)
        except urllib.error.HTTPError as error:
            raise _refused(error, target.name, _host(remote.url)) from error
        except _BROKEN as error:
            if attempt == _TRIES - 1:
                raise _unreachable(error, _host(remote.url)) from error
        except OSError as error:
            raise _not_written(error, part) from error
    if _length(part) < remote.size:
        done = f"{_length(part) / 1e6:.0f} of {remote.size / 1e6:.0f} MB"
        raise IndexerError(f"the download of {target.name} broke off after {done}: run the command again to go on")
    if not _is_whole(part, remote):
        part.unlink(missing_ok=True)
        raise IndexerError(f"{target.name} came damaged (its hash is not what the hub names): fetch it again")
    part.replace(target)


def _go_on(remote: Remote, part: "Path") -> "Iterator[int]":
    """Append what is missing; start anew where the server does not resume."""
    done = _length(part)
    request = urllib.request.Request(remote.url, headers={"Range": f"bytes={done}-"} if done else {})
    with _opener().open(request, timeout=_SECONDS) as response:
        resumes = response.status == 206 and response.headers.get("content-range", "").startswith(f"bytes {done}-")
        with part.open("ab" if resumes else "wb") as file:
            while block := response.read(_BLOCK):
                file.write(block)
                # Flushed, so that Ctrl-C or a lost line costs at most this block.
                file.flush()
                yield file.tell()


def _headers(url: str) -> dict[str, str]:
    """Return the headers of a file, those nearest to the hub first: what it sends us on to knows less."""
    opener = _opener(_Stay())
    found: dict[str, str] = {}
    for _ in range(_HOPS):
        request = urllib.request.Request(url, method="HEAD", headers={"Accept-Encoding": "identity"})
        try:
            with opener.open(request, timeout=_SECONDS) as response:
                return {**_lower(response.headers), **found}
        except urllib.error.HTTPError as error:
            location = error.headers.get("location")
            if error.code not in (301, 302, 303, 307, 308) or not location:
                raise
            kept = {"x-repo-commit", "x-linked-size", "x-linked-etag"}
            found = {name: value for name, value in _lower(error.headers).items() if name in kept} | found
            if "x-linked-size" in found and "x-repo-commit" in found:
                return found
            url = _allowed(urllib.parse.urljoin(url, location), url)
    raise urllib.error.URLError("it sends us in circles")


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _allowed(url: str, before: str) -> str:
    """Return `url` unless it leaves https for something that anyone on the way can change."""
    if urllib.parse.urlsplit(url).scheme not in ("https", urllib.parse.urlsplit(before).scheme):
        raise urllib.error.URLError(f"it sends us to {url.split('?')[0]}, which is not encrypted")
    return url


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


class _Follow(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Follow as browsers do, but never from https to http."""
        return super().redirect_request(req, fp, code, msg, headers, _allowed(newurl, req.full_url))


def _opener(redirects: urllib.request.HTTPRedirectHandler | None = None) -> urllib.request.OpenerDirector:
    opener = urllib.request.build_opener(redirects or _Follow())
    opener.addheaders = [("User-Agent", "fairouz-tui")]
    return opener


def _is_whole(file: "Path", remote: Remote) -> bool:
    if _length(file) != remote.size:
        return False
    if len(remote.etag) == 64:
        return digest(file) == remote.etag
    if len(remote.etag) == 40:
        blob = sha1(b"blob %d\0" % remote.size, usedforsecurity=False)
        blob.update(file.read_bytes())
        return blob.hexdigest() == remote.etag
    return True


def _length(path: "Path") -> int:
    return path.stat().st_size if path.is_file() else 0


def _host(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _refused(error: urllib.error.HTTPError, what: str, endpoint: str) -> IndexerError:
    match error.code:
        case 404:
            return NotOnHubError(f"{endpoint} has no {what} (404): see docs/encoders.md for other ways to get it")
        case 401 | 403:
            return IndexerError(f"{endpoint} keeps {what} to itself ({error.code}): get it by hand and add it")
        case 429:
            return IndexerError(f"{endpoint} has had too many requests from here (429): try again in some minutes")
        case _:
            return IndexerError(f"{endpoint} failed ({error.code} {error.reason}): try again later")


def _unreachable(error: Exception, endpoint: str) -> IndexerError:
    reason = " ".join(str(getattr(error, "reason", "") or error or type(error).__name__).split())[:120]
    return IndexerError(
        f"{endpoint} cannot be reached ({reason}): check the network and run the command again, "
        "or bring the files yourself with `fairouz-tui encoders add NAME DIR`"
    )


def _not_written(error: OSError, path: "Path") -> IndexerError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return IndexerError(f"no space left for {path}: free some and run the command again, which then goes on")
    return IndexerError(f"{path} cannot be written ({error.strerror or error}): see that its folder may be written")
