"""What happens around every RPC, in one order, outermost first.

1. `CallInterceptor`: who calls, in which workspace, under which trace id. First, because everything below reads it.
2. `AccessLogInterceptor`: one line a call. Outside the errors, so that it sees the status that the caller gets.
3. `ErrorInterceptor`: domain errors become statuses, everything else INTERNAL. Outside the validation, whose refusals
   are domain errors too.
4. `ValidationInterceptor`: the contract's rules. Innermost, so that no handler sees a message that breaks one.

Access control will stand between 3 and 4: a caller without rights learns nothing about a request's shape.
"""

from __future__ import annotations

from runlore_server.interceptors.access_log import AccessLogInterceptor
from runlore_server.interceptors.base import Chain, Interceptor
from runlore_server.interceptors.call import CallInterceptor
from runlore_server.interceptors.errors import ErrorInterceptor
from runlore_server.interceptors.validation import ValidationInterceptor

__all__ = ["Chain", "ordered"]


def ordered() -> list[Interceptor]:
    """Return the interceptors in their order."""
    return [CallInterceptor(), AccessLogInterceptor(), ErrorInterceptor(), ValidationInterceptor()]
