package runlore

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// answerPatience is how long the registry may take to answer when there is a last good answer: a restart takes less.
const answerPatience = 10 * time.Second

// answerRefresh is how old the time of a kept answer may be while the registry goes on giving the same one.
const answerRefresh = time.Minute

// Resolution is the answer of [Client.Resolve].
type Resolution struct {
	*runlorev1.ResolveResponse
	// FromCache says that the registry could not be reached, and this is its last good answer of before.
	FromCache bool
	// Time is when the registry gave the answer, to a minute.
	Time time.Time
	// Cause is why the registry could not be reached; nil unless FromCache.
	Cause error
}

// ResolveOption changes how one [Client.Resolve] goes.
type ResolveOption func(*resolving)

type resolving struct{ acceptHead, noFallback bool }

// AcceptHead takes the server's history of the model for the true one, whatever was known of it before.
func AcceptHead() ResolveOption { return func(r *resolving) { r.acceptHead = true } }

// NoFallback fails when the registry cannot be reached, also when there is a last good answer.
func NoFallback() ResolveOption { return func(r *resolving) { r.noFallback = true } }

// Resolve asks what a reference such as "models:/ctr@champion" means, and remembers the answer in the cache folder. When
// the registry cannot be reached or does not answer in time, the last good answer to the same request is returned in its
// place, FromCache set and a warning logged: so a pod boots through an outage. An answer from the cache has no presigned
// URLs.
//
// The answer's history has to go on from the one that this machine knows, else the error wraps [ErrIntegrity] and has
// the reason "HISTORY_REWRITTEN". Other errors are the registry's, such as MODEL_NOT_FOUND: those are never covered up
// by the cache.
func (c *Client) Resolve(
	ctx context.Context, request *runlorev1.ResolveRequest, options ...ResolveOption,
) (*Resolution, error) {
	var how resolving
	for _, option := range options {
		option(&how)
	}
	workspace := request.GetWorkspace()
	if workspace == "" {
		workspace = c.settings.workspace
	}
	name := c.answerName(workspace, request)
	bounded, cancel := ctx, context.CancelFunc(func() {})
	if !how.noFallback && c.hasAnswer(name) {
		bounded, cancel = context.WithTimeout(ctx, min(answerPatience, c.settings.timeout))
	}
	defer cancel()
	// Before the call: a head that another call sees meanwhile may be later than that of this answer.
	known := c.knownHead(workspace, modelName(request.GetReference()))
	answer, err := c.Registry.Resolve(bounded, request)
	if err == nil {
		err = c.checkHead(bounded, workspace, answer, known, request.GetAsOf() != nil, how.acceptHead)
	}
	if err == nil {
		c.keepAnswer(name, answer)
		return &Resolution{ResolveResponse: answer, Time: time.Now()}, nil
	}
	if how.noFallback || errors.Is(ctx.Err(), context.Canceled) || !away(err) {
		return nil, err
	}
	last := c.lastAnswer(name)
	if last == nil {
		return nil, err
	}
	last.Cause = err
	c.settings.logger.Warn("the registry is down: going on with its last good answer, which may be out of date",
		"reference", request.GetReference(), "version", last.GetModelVersion().GetVersion(),
		"answered", last.Time.UTC().Format(time.RFC3339), "error", err)
	return last, nil
}

// away reports whether no server answered, as opposed to one that refused.
func away(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Code == codes.Unavailable || e.Code == codes.DeadlineExceeded)
}

// modelName returns the name in a reference that a server took, or is to refuse.
func modelName(reference string) string {
	name := strings.TrimLeft(strings.TrimPrefix(reference, "models:"), "/")
	if end := strings.IndexAny(name, "/@"); end >= 0 {
		name = name[:end]
	}
	return name
}

func (c *Client) answerName(workspace string, request *runlorev1.ResolveRequest) string {
	key := proto.CloneOf(request)
	key.Workspace, key.MaxStaleness = workspace, nil
	data, _ := proto.MarshalOptions{Deterministic: true}.Marshal(key)
	return c.notes.name("answers", c.settings.address, string(data)) + ".binpb"
}

// written is what the cache holds of one answer, as far as it tells whether to write it anew.
type written struct {
	hash string
	time time.Time
}

func (c *Client) hasAnswer(name string) bool {
	c.mu.Lock()
	_, ok := c.answers[name]
	c.mu.Unlock()
	return ok || c.notes.has(name)
}

// lastAnswer reads a kept answer: when it came, in microseconds since the epoch as 8 bytes, and the message.
func (c *Client) lastAnswer(name string) *Resolution {
	data, err := c.notes.load(name)
	if err != nil || len(data) < 8 {
		return nil
	}
	answer := &runlorev1.ResolveResponse{}
	if proto.Unmarshal(data[8:], answer) != nil {
		return nil
	}
	when := time.UnixMicro(int64(binary.BigEndian.Uint64(data)))
	return &Resolution{ResolveResponse: answer, FromCache: true, Time: when}
}

// keepAnswer writes an answer unless it is kept already: whatever changes an answer moves its model's chain head.
func (c *Client) keepAnswer(name string, answer *runlorev1.ResolveResponse) {
	now := time.Now()
	c.mu.Lock()
	last, ok := c.answers[name]
	fresh := ok && last.hash == answer.GetHead().GetHash() && now.Sub(last.time) < answerRefresh
	if !fresh {
		c.answers[name] = written{answer.GetHead().GetHash(), now}
	}
	c.mu.Unlock()
	if fresh {
		return
	}
	kept := proto.CloneOf(answer)
	kept.Age = nil
	for _, file := range kept.GetFiles() {
		for _, chunk := range file.GetChunks() {
			chunk.Url = ""
		}
	}
	if data, err := proto.Marshal(kept); err == nil {
		_ = c.notes.keep(name, append(binary.BigEndian.AppendUint64(nil, uint64(now.UnixMicro())), data...))
	}
}
