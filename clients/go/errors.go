package runlore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// Domain is the ErrorInfo domain of Runlore's own errors.
const Domain = "runlore"

const reasonPrefix = "ERROR_REASON_"

var (
	// ErrIntegrity is wrapped by errors about bytes that are not those which their digest announces, and about
	// histories that are not the ones that were; nothing of them was kept.
	ErrIntegrity = errors.New("integrity violation")
	// ErrFileChanged is wrapped by the error of a Push whose file changed while it was read; nothing was registered.
	ErrFileChanged = errors.New("file changed during upload")
)

// Error is why a call was refused or failed. Use errors.As to get it from any error of this package.
type Error struct {
	// Code is the gRPC status code.
	Code codes.Code
	// Reason is the name of the ErrorReason without its prefix, such as "ALIAS_MOVED". It is empty when the failure has
	// none, as when no server answered. [HasReason] tests for one.
	Reason string
	// Message is for people.
	Message string
	// Metadata is what the ErrorReason documents; "trace_id" names the call in the server's log.
	Metadata map[string]string
	// Violations are the fields of the request that broke a rule, and the rules.
	Violations []*errdetails.BadRequest_FieldViolation
	// Preconditions are the conditions of an alias move that do not hold, in words with both numbers.
	Preconditions []*errdetails.PreconditionFailure_Violation
	// RetryAfter is after how long another try may succeed; 0 when the server did not say so.
	RetryAfter time.Duration

	cause  error
	status *status.Status
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns what errors.Is can find: context.Canceled, context.DeadlineExceeded or [ErrIntegrity], if any.
func (e *Error) Unwrap() error { return e.cause }

// GRPCStatus returns the status as it came, so that status.Code and status.FromError work.
func (e *Error) GRPCStatus() *status.Status {
	if e.status != nil {
		return e.status
	}
	return status.New(e.Code, e.Message)
}

// HasReason reports whether err is, or wraps, an [*Error] with this reason.
func HasReason(err error, reason runlorev1.ErrorReason) bool {
	var e *Error
	return errors.As(err, &e) && e.Reason != "" && reasonPrefix+e.Reason == reason.String()
}

// invalid is the error for an argument that this client refuses by itself.
func invalid(field, rule string) *Error {
	return &Error{
		Code:       codes.InvalidArgument,
		Reason:     "INVALID_FIELD",
		Message:    field + ": " + rule,
		Violations: []*errdetails.BadRequest_FieldViolation{{Field: field, Description: rule}},
	}
}

func damaged(metadata map[string]string, format string, arguments ...any) *Error {
	return &Error{
		Code: codes.DataLoss, Metadata: metadata, Message: fmt.Sprintf(format, arguments...), cause: ErrIntegrity,
	}
}

// fromRPC translates gRPC's error of a call to an address.
func fromRPC(err error, address string) *Error {
	var typed *Error
	if errors.As(err, &typed) {
		return typed
	}
	st := status.Convert(err)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		st = status.FromContextError(err)
	}
	e := &Error{Code: st.Code(), Message: st.Message(), status: st}
	switch e.Code {
	case codes.Canceled:
		e.cause = context.Canceled
	case codes.DeadlineExceeded:
		e.cause = context.DeadlineExceeded
	}
	for _, detail := range st.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			if d.GetDomain() == Domain {
				e.Reason, e.Metadata = d.GetReason(), d.GetMetadata()
			}
		case *errdetails.BadRequest:
			e.Violations = d.GetFieldViolations()
		case *errdetails.PreconditionFailure:
			e.Preconditions = d.GetViolations()
		case *errdetails.RetryInfo:
			e.RetryAfter = d.GetRetryDelay().AsDuration()
		}
	}
	if e.Reason == "" {
		e.Message = transportMessage(e.Code, st.Message(), address)
	}
	return e
}

// transportMessage words an error that did not come from Runlore itself.
func transportMessage(code codes.Code, message, address string) string {
	switch code {
	case codes.Unavailable:
		if strings.Contains(message, "handshake") || strings.Contains(message, "tls:") ||
			strings.Contains(message, "x509:") {
			return fmt.Sprintf("cannot reach Runlore at %s: the TLS handshake failed (a server without TLS needs "+
				"WithPlaintext or RUNLORE_TLS=0, a private authority WithTLS or RUNLORE_CA): %s", address, message)
		}
		return fmt.Sprintf("cannot reach Runlore at %s: is a server running there? (%s)", address, message)
	case codes.DeadlineExceeded:
		return fmt.Sprintf("Runlore at %s did not answer in time (%s)", address, message)
	case codes.Unimplemented:
		return fmt.Sprintf("the server at %s does not have this call: is it Runlore, and as new as this client? (%s)",
			address, message)
	}
	return fmt.Sprintf("%s (%s, from %s)", message, code, address)
}

// errEnded is a stream that its server ended, though there was nothing wrong.
var errEnded = &Error{Code: codes.Unavailable, Message: "the server ended the stream"}
