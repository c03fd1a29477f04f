"""What a failure is called, and the sentence that tells it."""

import asyncio
import os
import ssl

import aiohttp

from till.deliveries.dial import CONNECT_BUDGET
from till.deliveries.names import NO_HANDLES, Forbidden, Marks, NoName, ResolverDown
from till.deliveries.outcome import OK, ErrorClass

Fault = tuple[ErrorClass, str]
# OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH.
OF_ANOTHER_NAME = frozenset({62, 64})
# How the library tells a body that was cut short from one that is wrong.
ENDED_EARLY = ("Not enough data", "Connection lost", "ConnectionResetError")


class BadAnswer(Exception):
    """The answer breaks a limit of ours."""


class Closing(Exception):
    """The server stops, and with it what it sends."""


def of_status(status: int, location: str | None) -> tuple[ErrorClass | None, str | None]:
    """What a whole answer comes to; `location` is where it points to."""
    if status in OK:
        return None, None
    if status in range(300, 400):
        where = f" to {location[:200]}" if location else ""
        return (
            ErrorClass.STATUS,
            f"The receiver answered {status}{where}: redirects are not followed, so give the final address.",
        )
    return ErrorClass.STATUS, f"The receiver answered {status}, where 200 to 299 says that it has the event."


def of_error(error: Exception, marks: Marks, *, status: int | None, budget: float) -> Fault:
    """The class and the sentence of what was raised while sending; `budget` is in seconds."""
    cause = error.__cause__ if isinstance(error, aiohttp.ClientConnectorError) else error
    ours = _ours(cause)
    if ours is not None:
        return ErrorClass.OURS, f"{ours} The attempt is not counted."
    if isinstance(cause, Forbidden):
        return ErrorClass.FORBIDDEN_ADDRESS, str(cause)
    if isinstance(cause, NoName):
        return ErrorClass.DNS, str(cause)
    if isinstance(error, asyncio.TimeoutError):
        return _slow(error, marks, status=status, budget=budget)
    if isinstance(error, aiohttp.ClientConnectorError) or _is_tls(error):
        return _unconnected(error, marks)
    return _in_the_answer(error, status)


def _ours(cause: BaseException | None) -> str | None:
    """What failed on our side, if it did."""
    match cause:
        case ResolverDown():
            return str(cause)
        case Closing():
            return "Till was stopped while it was sending."
        case OSError() if cause.errno in NO_HANDLES:
            return f"Till could not open a connection: {cause.strerror or cause}."
        case aiohttp.ClientError() | OSError() | BadAnswer():
            return None
    return f"Till failed while sending ({type(cause).__name__})."


def _slow(error: Exception, marks: Marks, *, status: int | None, budget: float) -> Fault:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        step = "secure connection" if marks.tls_from is not None else "connection"
        return ErrorClass.TIMEOUT, f"No {step} to {marks.dialled} within {CONNECT_BUDGET:g} s."
    if status is not None:
        return (
            ErrorClass.TIMEOUT,
            f"The receiver answered {status}, but its answer did not end within {budget:g} s.",
        )
    if marks.connected is not None:
        return ErrorClass.TIMEOUT, f"The receiver did not answer within {budget:g} s."
    if marks.dns_from is None and marks.sockets_from is None:
        return ErrorClass.OURS, f"No connection was free for {budget:g} s. The attempt is not counted."
    return ErrorClass.TIMEOUT, f"There was no connection within {budget:g} s."


def _unconnected(error: Exception, marks: Marks) -> Fault:
    if _is_tls(error):
        kind = ErrorClass.TLS_NAME if _is_of_another_name(error) else ErrorClass.TLS
        return kind, f"No secure connection: {_tls(error)}."
    if isinstance(error.__cause__, TimeoutError):
        return ErrorClass.TIMEOUT, f"No connection to {marks.dialled} within {CONNECT_BUDGET:g} s."
    if marks.tls_from is not None:
        return ErrorClass.TLS, "No secure connection: the receiver hung up in the handshake."
    number = getattr(error.__cause__, "errno", None)
    what = os.strerror(number) if number else "it failed"
    return ErrorClass.CONNECT, f"No connection to {marks.dialled}: {what}."


def _in_the_answer(error: Exception, status: int | None) -> Fault:
    after = "" if status is None else f" after it answered {status}"
    match error:
        case BadAnswer():
            return ErrorClass.PROTOCOL, str(error)
        case aiohttp.ClientResponseError():
            return (
                ErrorClass.PROTOCOL,
                f"The answer is not HTTP as it should be: {_first_line(error.message)}.",
            )
        case aiohttp.ClientPayloadError() if not any(text in str(error) for text in ENDED_EARLY):
            return ErrorClass.PROTOCOL, f"The body of the answer is badly chunked{after}."
        case aiohttp.ClientPayloadError() | aiohttp.ClientConnectionError() | OSError():
            return (
                ErrorClass.RESET,
                f"The receiver closed the connection{after or ' without a whole answer'}.",
            )
    return ErrorClass.PROTOCOL, f"The answer could not be read ({type(error).__name__})."


def _is_tls(error: BaseException | None) -> bool:
    return isinstance(error, ssl.SSLError | ssl.CertificateError | aiohttp.ClientSSLError) or (
        isinstance(error, aiohttp.ClientOSError) and isinstance(error.__cause__, ssl.SSLError)
    )


def _is_of_another_name(error: Exception) -> bool:
    inner = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
    return isinstance(inner, ssl.SSLCertVerificationError) and inner.verify_code in OF_ANOTHER_NAME


def _tls(error: Exception) -> str:
    """What is wrong in OpenSSL's words, without its codes."""
    inner = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"the certificate is not good: {inner.verify_message.rstrip('.')}"
    if isinstance(inner, ssl.SSLError) and inner.reason:
        return inner.reason.replace("_", " ").lower()
    return "the handshake failed"


def _first_line(text: str) -> str:
    return text.partition("\n")[0].strip(" .:")[:120]
