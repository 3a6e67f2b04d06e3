"""Sending one-time codes: to the server's own console in a demonstration, or to an SMS gateway over HTTP."""

import sys

import httpx2
import structlog

GATEWAY_TIMEOUT_SECONDS = 5

log = structlog.get_logger(__name__)


class SmsFailed(Exception):
    """The gateway did not take the message."""


def send_code(target: str, *, phone: str, code: str) -> None:
    """Sends the code. `target` is the setting: `console`, or the gateway's address. Raises SmsFailed.

    A gateway gets `{"phone", "text"}` as JSON and answers 2xx; anything vendor-specific belongs into a small relay.
    """
    text = f"【城市合伙人】验证码 {code}，5 分钟内有效，请勿告诉他人。"
    if target == "console":
        sys.stderr.write(f"{phone}: {text}\n")
        return
    try:
        httpx2.post(target, json={"phone": phone, "text": text}, timeout=GATEWAY_TIMEOUT_SECONDS).raise_for_status()
    except httpx2.HTTPError as error:
        log.error("sms_failed", error=type(error).__name__)
        raise SmsFailed(type(error).__name__) from error
