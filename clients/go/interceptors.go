package runlore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

const (
	workspaceKey = "runlore-workspace"
	actorKey     = "runlore-actor"
	// watchPace is how often a watch says something when its request does not say how often.
	watchPace = 10 * time.Second
)

// unary gives a call its metadata, deadline, request id and typed error. gRPC's retries happen beneath it; those of
// answers that broke off, here.
func (s *settings) unary(
	ctx context.Context, method string, request, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker,
	options ...grpc.CallOption,
) error {
	ctx, cancel := s.bounded(s.identified(ctx))
	defer cancel()
	request = withRequestID(request)
	pace := patience{limit: s.timeout}
	for attempt := 1; ; attempt++ {
		var answered metadata.MD
		err := invoke(ctx, method, request, reply, cc, append(slices.Clip(options), grpc.Header(&answered))...)
		if err == nil {
			return nil
		}
		typed := fromRPC(err, s.address)
		broken := typed.Code == codes.Unavailable && typed.Reason == "" && len(answered) > 0
		if !broken || !safeMethods()[method] || attempt == brokenAttempts {
			return typed
		}
		if err := pace.after(ctx, typed); err != nil {
			return err
		}
	}
}

// stream does so for streams. One without a deadline may last, but each of its answers has to come within the timeout.
func (s *settings) stream(
	ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer,
	options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	ctx, cancel := context.WithCancelCause(s.identified(ctx))
	guarded := &stream{settings: s, cancel: cancel}
	if _, ok := ctx.Deadline(); !ok && desc.ServerStreams && !desc.ClientStreams {
		guarded.idle = s.timeout
	}
	stop := guarded.guard()
	defer stop()
	inner, err := open(ctx, desc, cc, method, options...)
	if err != nil {
		err = guarded.translate(ctx, err)
		cancel(nil)
		return nil, err
	}
	guarded.ClientStream = inner
	guarded.single = !desc.ServerStreams
	return guarded, nil
}

// identified adds the workspace and the actor, unless the caller's own metadata has them.
func (s *settings) identified(ctx context.Context) context.Context {
	given, _ := metadata.FromOutgoingContext(ctx)
	if s.workspace != "" && len(given.Get(workspaceKey)) == 0 {
		ctx = metadata.AppendToOutgoingContext(ctx, workspaceKey, s.workspace)
	}
	if s.actor != "" && len(given.Get(actorKey)) == 0 {
		ctx = metadata.AppendToOutgoingContext(ctx, actorKey, s.actor)
	}
	return ctx
}

// bounded gives a context the timeout when it has no deadline.
func (s *settings) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, s.timeout)
}

// withRequestID returns the request with a random request_id when it has such a field and it is empty; never changes it.
func withRequestID(request any) any {
	if has, ok := request.(interface{ GetRequestId() string }); !ok || has.GetRequestId() != "" {
		return request
	}
	filled := proto.Clone(request.(proto.Message))
	message := filled.ProtoReflect()
	field := message.Descriptor().Fields().ByName("request_id")
	message.Set(field, protoreflect.ValueOfString(rand.Text()))
	return filled
}

type stream struct {
	grpc.ClientStream
	settings *settings
	cancel   context.CancelCauseFunc
	idle     time.Duration // 0: without an end
	single   bool
}

var errIdle = errors.New("no answer came in time")

// guard ends the stream unless it is stopped in time.
func (s *stream) guard() func() bool {
	if s.idle == 0 {
		return func() bool { return true }
	}
	return time.AfterFunc(s.idle, func() { s.cancel(errIdle) }).Stop
}

func (s *stream) translate(ctx context.Context, err error) error {
	if context.Cause(ctx) == errIdle {
		err = status.Error(codes.DeadlineExceeded, fmt.Sprintf("nothing came for %s", s.idle))
	}
	return fromRPC(err, s.settings.address)
}

// SendMsg sends a request. As with any gRPC stream, io.EOF means that RecvMsg tells why the stream ended.
func (s *stream) SendMsg(message any) error {
	if watch, ok := message.(*runlorev1.WatchRequest); ok && s.idle > 0 {
		pace := watchPace
		if watch.GetCheckpointInterval() != nil {
			pace = watch.GetCheckpointInterval().AsDuration()
		}
		s.idle += pace
	}
	err := s.ClientStream.SendMsg(message)
	if err != nil && err != io.EOF {
		return s.translate(s.Context(), err)
	}
	return err
}

// RecvMsg receives the next answer.
func (s *stream) RecvMsg(message any) error {
	stop := s.guard()
	err := s.ClientStream.RecvMsg(message)
	stop()
	if err != nil || s.single {
		defer s.cancel(nil)
	}
	if err != nil && err != io.EOF {
		return s.translate(s.Context(), err)
	}
	return err
}
