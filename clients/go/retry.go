package runlore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// maxAttempts is how often gRPC sends a call at most: with the pauses of serviceConfig, for about nine seconds, which a
// restart of the server takes less than.
const maxAttempts = 9

// brokenAttempts is how often a call is sent again at most whose answer broke off in the middle: gRPC tries no call again
// once its answer has begun.
const brokenAttempts = 5

// safeMethods are the calls that are tried again, by their names for gRPC ("/service/method"). Twice is safe where the
// contract says so: by a method's idempotency_level, or by a request_id, under which the server keeps its first answer
// (the interceptor fills in an empty one). Streams that never end by themselves go on by Watch and MetricWriter.
var safeMethods = sync.OnceValue(func() map[string]bool {
	safe := map[string]bool{}
	for _, file := range []protoreflect.FileDescriptor{
		runlorev1.File_runlore_v1_artifact_proto, runlorev1.File_runlore_v1_event_proto,
		runlorev1.File_runlore_v1_logged_model_proto, runlorev1.File_runlore_v1_registry_proto,
		runlorev1.File_runlore_v1_server_proto, runlorev1.File_runlore_v1_tracking_proto,
	} {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				if m := service.Methods().Get(j); retried(m) {
					safe[fmt.Sprintf("/%s/%s", service.FullName(), m.Name())] = true
				}
			}
		}
	}
	return safe
})

// serviceConfig is gRPC's service config: how it tries safeMethods again. What a retry cannot cure, such as a batch that
// is too large, the server says by a pushback.
var serviceConfig = sync.OnceValue(func() string {
	var names []map[string]string
	for name := range safeMethods() {
		service, method, _ := strings.Cut(name[1:], "/")
		names = append(names, map[string]string{"service": service, "method": method})
	}
	config, err := json.Marshal(map[string]any{"methodConfig": []any{map[string]any{
		"name": names,
		"retryPolicy": map[string]any{
			"maxAttempts": maxAttempts, "initialBackoff": "0.1s", "maxBackoff": "2s", "backoffMultiplier": 2,
			"retryableStatusCodes": []string{"UNAVAILABLE", "RESOURCE_EXHAUSTED"},
		},
	}}})
	if err != nil {
		panic(err) // of strings: cannot happen
	}
	return string(config)
})

func retried(method protoreflect.MethodDescriptor) bool {
	if method.IsStreamingClient() || method.FullName() == "runlore.v1.EventService.Watch" {
		return false
	}
	options, _ := method.Options().(*descriptorpb.MethodOptions)
	return options.GetIdempotencyLevel() != descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN ||
		method.Input().Fields().ByName("request_id") != nil
}

// passing reports whether the same call may succeed later: its server was away, or a connection broke.
func passing(e *Error) bool {
	switch e.Code {
	case codes.Unavailable:
		return true
	case codes.DeadlineExceeded, codes.Internal, codes.Unknown, codes.ResourceExhausted, codes.Canceled:
		// Of gRPC itself or of a proxy, not of Runlore.
		return e.Reason == "" || e.RetryAfter > 0
	}
	return e.RetryAfter > 0
}

// patience paces tries of something that gRPC cannot try again by itself.
type patience struct {
	// limit is how long to go on failing; 0: without an end.
	limit    time.Duration
	failures int
	since    time.Time
}

// succeeded begins anew.
func (p *patience) succeeded() { p.failures = 0 }

// after waits before the next try. It returns err when there is to be none, and the context's error when that ends.
func (p *patience) after(ctx context.Context, err error) error {
	var e *Error
	if ctx.Err() != nil || !errors.As(err, &e) || !passing(e) {
		return err
	}
	if p.failures == 0 {
		p.since = time.Now()
	}
	p.failures++
	// Jitter over the upper half, so that many clients do not return in step.
	pause := min(50*time.Millisecond<<min(p.failures-1, 10), time.Second)
	pause = max(pause/2+rand.N(pause/2), e.RetryAfter)
	if p.limit > 0 && time.Since(p.since)+pause > p.limit {
		return err
	}
	if !sleep(ctx, pause) {
		return fmt.Errorf("%w; the last try: %w", fromRPC(ctx.Err(), "the server"), err)
	}
	return nil
}

// sleep reports whether the time passed before the context ended.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
