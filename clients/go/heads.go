package runlore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// A model's history is a hash chain, and each answer names its head. A head of the known revision must have the known
// hash; of a later one, the events between are fetched and their hashes computed here, back to the known head. So a
// history that was cut, or written anew, is noticed by whoever has seen more of it, whatever the server says of itself.

const (
	headsPage = 1_000
	// headsFew are the most events to ask for at first: a pod follows a few moves.
	headsFew = 20
)

// head is the last event of a model's chain as this machine saw it last.
type head struct {
	ModelName string  `json:"model_name"`
	ModelID   string  `json:"model_id"`
	Revision  int64   `json:"revision"`
	Hash      string  `json:"hash"`
	Time      float64 `json:"time"` // seconds since the epoch
}

func (h head) same(other head) bool {
	return h.ModelID == other.ModelID && h.Revision == other.Revision && h.Hash == other.Hash
}

func (c *Client) headName(workspace, model string) string {
	return c.notes.name("heads", c.settings.address, workspace, model) + ".json"
}

// knownHead returns the head that this process or, before it, this machine saw last; nil when none is known.
func (c *Client) knownHead(workspace, model string) *head {
	name := c.headName(workspace, model)
	c.mu.Lock()
	known, ok := c.heads[name]
	c.mu.Unlock()
	if ok {
		return &known
	}
	return c.storedHead(name)
}

func (c *Client) storedHead(name string) *head {
	var stored head
	data, err := c.notes.load(name)
	if err != nil || json.Unmarshal(data, &stored) != nil || stored.Hash == "" {
		return nil
	}
	return &stored
}

// keepHead remembers a head, unless another call or process has seen a later one meanwhile.
func (c *Client) keepHead(workspace string, h head, accepted bool) {
	name := c.headName(workspace, h.ModelName)
	overtaken := func(by head) bool { return !accepted && by.ModelID == h.ModelID && by.Revision > h.Revision }
	c.mu.Lock()
	known, ok := c.heads[name]
	if ok && overtaken(known) {
		c.mu.Unlock()
		return
	}
	c.heads[name] = h
	c.mu.Unlock()
	if stored := c.storedHead(name); stored != nil && (overtaken(*stored) || stored.same(h)) {
		return
	}
	if data, err := json.Marshal(h); err == nil {
		_ = c.notes.keep(name, data)
	}
}

// checkHead refuses an answer whose history does not go on from the one that was known before the call.
func (c *Client) checkHead(
	ctx context.Context, workspace string, answer *runlorev1.ResolveResponse, known *head, past, accept bool,
) error {
	version := answer.GetModelVersion()
	found := head{
		version.GetModelName(), version.GetModelId(), answer.GetHead().GetRevision(), answer.GetHead().GetHash(),
		float64(time.Now().UnixMicro()) / 1e6,
	}
	if past && (known == nil || known.ModelID != found.ModelID) {
		// Another model may have had the name then; and what was is not what this machine saw last.
		return nil
	}
	if known != nil {
		if found.same(*known) {
			return nil
		}
		behind := known.ModelID == found.ModelID && found.Revision < known.Revision
		if answer.GetAge() != nil && behind {
			// From the server's memory, as the caller allowed: older than what is known here.
			return nil
		}
		if !accept {
			problem, err := c.headProblem(ctx, workspace, *known, found, past && behind)
			if err != nil {
				return err
			}
			if problem != "" {
				return rewritten(*known, found, problem)
			}
		}
		if past && behind {
			return nil
		}
	}
	c.keepHead(workspace, found, accept)
	return nil
}

// headProblem says why one head does not go on from another; empty when it does.
func (c *Client) headProblem(ctx context.Context, workspace string, known, found head, earlier bool) (string, error) {
	switch {
	case earlier:
		// The known head has to go on from that of then; what lies far back is for EventService.Verify.
		if known.Revision-found.Revision > headsPage {
			return "", nil
		}
		return c.walkBack(ctx, workspace, found, &known)
	case found.ModelID != known.ModelID:
		// Another model has the name now: this one was deleted or renamed, which its own history must tell.
		problem, err := c.walkBack(ctx, workspace, known, nil)
		if problem != "" {
			problem = "is another model's now, and that of the one before " + problem
		}
		return problem, err
	case found.Revision < known.Revision:
		return fmt.Sprintf("ends at event %d", found.Revision), nil
	case found.Revision == known.Revision:
		return fmt.Sprintf("has another event %d", found.Revision), nil
	}
	return c.walkBack(ctx, workspace, known, &found)
}

// walkBack follows a model's events from a head (nil: its last event) back to an earlier one.
func (c *Client) walkBack(ctx context.Context, workspace string, earlier head, from *head) (string, error) {
	request := &runlorev1.ListEventsRequest{
		Workspace: workspace, Resource: &runlorev1.ListEventsRequest_ResourceId{ResourceId: earlier.ModelID},
		NewestFirst: true, IncludeCanonical: true, PageSize: headsFew,
	}
	var revision int64
	var hash string
	// An event is taken at its own word once, when nothing names the one to begin with.
	first := from == nil
	if from != nil {
		revision, hash = from.Revision, from.Hash
		request.PageSize = int32(min(revision-earlier.Revision+headsFew, headsPage))
	}
	for {
		response, err := c.Events.ListEvents(ctx, request)
		var refusal *Error
		if errors.As(err, &refusal) && refusal.Code == codes.NotFound {
			return "is gone", nil
		}
		if err != nil {
			return "", err
		}
		for _, event := range response.GetEvents() {
			if from != nil && event.GetRevision() > from.Revision {
				continue
			}
			if first {
				revision, hash, first = event.GetRevision(), event.GetHash(), false
			}
			sum := sha256.Sum256(event.GetCanonical())
			if hex.EncodeToString(sum[:]) != hash {
				return fmt.Sprintf("has an event %d that is not the one that its hash names", revision), nil
			}
			if revision == earlier.Revision {
				if hash == earlier.Hash {
					return "", nil
				}
				return fmt.Sprintf("has another event %d", revision), nil
			}
			var text struct {
				PrevHash string `json:"prev_hash"`
			}
			if err := json.Unmarshal(event.GetCanonical(), &text); err != nil {
				return fmt.Sprintf("has an event %d that is not JSON", revision), nil
			}
			revision, hash = revision-1, text.PrevHash
			if revision == earlier.Revision && hash == earlier.Hash {
				return "", nil
			}
		}
		if response.GetNextPageToken() == "" {
			return fmt.Sprintf("does not hold event %d", earlier.Revision), nil
		}
		request.PageToken = response.GetNextPageToken()
	}
}

func rewritten(known, found head, problem string) *Error {
	when := time.UnixMicro(int64(known.Time * 1e6)).UTC().Format(time.RFC3339)
	e := damaged(map[string]string{
		"model_name": known.ModelName, "known_revision": strconv.FormatInt(known.Revision, 10),
		"known_hash": known.Hash, "revision": strconv.FormatInt(found.Revision, 10), "hash": found.Hash,
	}, "the registry's history of model '%s' %s; at %s it had event %d with hash %.12s…: it was cut or rewritten, or the "+
		"database was restored from a backup. Find out which; if the server's history is the true one, say so by AcceptHead",
		known.ModelName, problem, when, known.Revision, known.Hash)
	e.Reason = "HISTORY_REWRITTEN"
	return e
}
