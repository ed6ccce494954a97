"""What a failing S3 store said, in words that hold no key and no signed URL, and what to do about it."""

from __future__ import annotations

import ssl

import urllib3
from minio.error import InvalidResponseError, S3Error, ServerError

from runlore_server import errors
from runlore_server.blob.s3_heads import NoConnectionError, NotHttpError

#: Answers that no retry cures, with what does.
_REFUSALS = {
    "NoSuchBucket": "create the bucket, or name another with --artifacts",
    "AccessDenied": "let these keys read, write, delete and list in the bucket",
    "AllAccessDisabled": "let these keys read, write, delete and list in the bucket",
    "InvalidAccessKeyId": "set RUNLORE_S3_ACCESS_KEY to a key that the store knows",
    "SignatureDoesNotMatch": "set RUNLORE_S3_SECRET_KEY to the secret of that access key, and check RUNLORE_S3_REGION",
    "AuthorizationHeaderMalformed": "set RUNLORE_S3_REGION to the region of the bucket",
    "AuthorizationQueryParametersError": "set RUNLORE_S3_REGION to the region of the bucket",
    "PermanentRedirect": "set RUNLORE_S3_ENDPOINT and RUNLORE_S3_REGION to those of the bucket",
    "InvalidToken": "set RUNLORE_S3_SESSION_TOKEN to a valid session token, or clear it",
    "InvalidTokenId": "set RUNLORE_S3_SESSION_TOKEN to a valid session token, or clear it",
    "ExpiredToken": "set a session token that has not expired, and restart the server",
    "RequestTimeTooSkewed": "set the clocks of the server and the store right",
    "InvalidEncryptionAlgorithmError": "set RUNLORE_S3_SSE to what the store can do, or clear it",
    "KMS.NotFoundException": "set RUNLORE_S3_SSE_KMS_KEY_ID to a key that the store knows",
    "KMSNotConfigured": "set up the store's key management, or clear RUNLORE_S3_SSE",
    "NotImplemented": "use a store that does this; server-side encryption is chosen by RUNLORE_S3_SSE",
}
_FULL = {
    "XMinioStorageFull",
    "InsufficientCapacity",
    "QuotaExceeded",
    "XMinioAdminBucketQuotaExceeded",
    "EntityTooLarge",
}


def refusal(what: str, answer: str) -> errors.RunloreError:
    """Return the error for a store that answered with one of S3's error codes."""
    if answer in _FULL:
        return errors.blob_store_full()
    if answer in _REFUSALS:
        return errors.blob_store_misconfigured(what, answer, _REFUSALS[answer])
    return errors.blob_store_unavailable(f"{what}: the store answered {answer}")


def of_status(what: str, status: int) -> errors.RunloreError:
    """Return the error for an answer that has a status and no code, as those to a HEAD."""
    if status == 507:
        return errors.blob_store_full()
    if status in (401, 403):
        return refusal(what, "AccessDenied")
    if status in (301, 307, 308):
        return refusal(what, "PermanentRedirect")
    return errors.blob_store_unavailable(f"{what}: the store answered HTTP status {status}")


def of(what: str, error: Exception) -> errors.RunloreError:
    """Return the error for an exception of the SDK or of `s3_heads`. Its text may hold a signed URL and is not used."""
    if isinstance(error, S3Error):
        return refusal(what, error.code or "an error without a code")
    if isinstance(error, ServerError):
        return of_status(what, error.status_code)
    return errors.blob_store_unavailable(f"{what}: {_connection(error)}")


def _connection(error: Exception) -> str:
    if isinstance(error, InvalidResponseError | NotHttpError):
        return "what answered is not an S3 server"
    cause: object = error
    while isinstance(cause, urllib3.exceptions.MaxRetryError) and cause.reason:
        cause = cause.reason
    if isinstance(cause, urllib3.exceptions.SSLError | ssl.SSLError):
        return (
            "the store's TLS certificate is not trusted here; RUNLORE_S3_CA_FILE names the certificates of a private CA"
        )
    if isinstance(cause, urllib3.exceptions.ResponseError):
        return "the store kept answering with an error"
    if isinstance(
        cause, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError | NoConnectionError
    ):
        return "no connection to the store"
    return f"the connection to the store failed ({type(cause).__name__})"
