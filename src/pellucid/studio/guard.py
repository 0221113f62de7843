"""Who may speak to the studio: only pages that it served itself, to whoever holds its token.

Host is checked against names that lead elsewhere (DNS rebinding), Origin against other pages' scripts,
the token against other programs and users of this machine.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

NAMES = ("127.0.0.1", "localhost", "[::1]")
REFUSED = 1008  # the code of a socket that breaks the rules
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
        " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Pass:
    """What lets a page in.

    Args:
        port: of the studio.
        token: new at every start.
    """

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def cookie(self) -> str:
        """The cookie's name; cookies of other ports of this machine are sent here too."""
        return f"pellucid-{self.port}"

    @property
    def address(self) -> str:
        """Where the page is, for whoever may see it."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    def knows_host(self, headers: Headers) -> bool:
        """Whether the request was meant for this machine by name."""
        return headers.get("host", "") in {f"{name}:{self.port}" for name in NAMES}

    def knows_origin(self, headers: Headers) -> bool:
        """Whether it comes from the studio's own page, or from no page at all."""
        origin = headers.get("origin")
        return origin is None or origin in {f"http://{name}:{self.port}" for name in NAMES}

    def is_typed(self, scope: Scope) -> bool:
        """Whether the token stands in the address."""
        typed = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [])
        return any(secrets.compare_digest(each.encode(), self.token.encode()) for each in typed)

    def is_kept(self, headers: Headers) -> bool:
        """Whether the token comes in the cookie."""
        cookie = SimpleCookie()
        try:
            cookie.load(headers.get("cookie", ""))
        except CookieError:
            return False
        kept = cookie.get(self.cookie)
        return kept is not None and secrets.compare_digest(kept.value.encode(), self.token.encode())


class Guard:
    """Lets requests through to the studio, or refuses them.

    Args:
        app: the studio.
        admits: what lets a page in.
    """

    def __init__(self, app: ASGIApp, admits: Pass) -> None:
        self.app, self.admits = app, admits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers, admits = Headers(scope=scope), self.admits
        reason = ""
        if not admits.knows_host(headers) or not admits.knows_origin(headers):
            reason = "The studio answers only its own page, on this machine."
        elif not (admits.is_typed(scope) or admits.is_kept(headers)):
            reason = "Open the address that `pellucid studio` has printed; it lets you in."
        if reason:
            refusal = PlainTextResponse(reason, 403)
            refuse = WebSocketClose(REFUSED) if scope["type"] == "websocket" else refusal
            await refuse(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/" and admits.is_typed(scope):
            await self._enter(scope)(scope, receive, send)
        else:
            await self.app(scope, receive, _with_headers(send))

    def _enter(self, scope: Scope) -> RedirectResponse:
        """Keep the token in a cookie, and take it out of the address."""
        query = scope["query_string"].decode("latin-1").split("&")
        rest = "&".join(each for each in query if not each.startswith("token="))
        response = RedirectResponse(f"/?{rest}" if rest else "/", 303, dict(HEADERS))
        admits = self.admits
        response.set_cookie(admits.cookie, admits.token, httponly=True, samesite="strict")
        return response


def _with_headers(send: Send) -> Send:
    """What every answer to a browser says about itself."""

    async def sending(message: object) -> None:
        if isinstance(message, dict) and message["type"] == "http.response.start":
            extra = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            message["headers"] = [*message.get("headers", []), *extra]
        await send(message)  # type: ignore[arg-type]

    return sending
