package runlore

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
)

// DefaultBuffer is how many points a [MetricWriter] holds at most.
const DefaultBuffer = 100_000

// Point is one value of a metric.
type Point struct {
	// Key is the metric's name, 1 to 250 characters.
	Key string
	// Step orders the points of a key; it may be negative and may repeat.
	Step int64
	// Time is when the value was taken, kept to the microsecond; zero means now.
	Time time.Time
	// Value may be NaN or infinite.
	Value float64
}

// MetricWriter stores the points of one run, each exactly once and in the order written, over LogStream. Its methods are
// safe for concurrent use.
//
// Points wait in memory, a bounded number of them, until the server has committed them; then they are forgotten. When
// the connection or the server goes away, the writer opens another stream and goes on behind what was committed, however
// often that happens. What is lost is what was not committed when the process dies, at most the buffer: there is no spool
// on disk. A process that makes the same points again, in the same order, may go on as the same writer ([WithWriterID]):
// the server passes over those that it has.
type MetricWriter struct {
	client *Client
	runID  string
	limit  int
	cancel context.CancelFunc
	ended  chan struct{} // closed when run has returned

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at every change
	// writerID is the id, and what it became after a restore; offset is our number of a point less the server's.
	baseID, writerID string
	offset           int64
	// points are those that are not committed; the last of them has the number written.
	points []Point
	// committed counts the points that are stored, which for a writer that is resumed may be more than were written.
	committed, written int64
	flushing           int // while somebody waits, nothing lingers
	closing            bool
	err                error // why nothing more is taken
}

// MetricWriterOption changes how a [MetricWriter] writes.
type MetricWriterOption func(*MetricWriter)

// WithWriterID sets the id under which points are numbered, 1 to 64 of [A-Za-z0-9_-]: a random one unless set. It stands
// for one sequence of points and no other. Give one only to a writer whose points are the same, in the same order, when
// its process is started again.
func WithWriterID(id string) MetricWriterOption { return func(w *MetricWriter) { w.baseID = id } }

// WithBuffer sets how many points wait in memory at most: [DefaultBuffer] unless set.
func WithBuffer(points int) MetricWriterOption {
	return func(w *MetricWriter) { w.limit = max(1, points) }
}

// NewMetricWriter begins to write points of a run. Nothing is waited for: a run that is not there, or a server that does
// not have LogStream, is an error of a later call. The writer lasts until Close, or until ctx ends.
func (c *Client) NewMetricWriter(ctx context.Context, runID string, options ...MetricWriterOption) *MetricWriter {
	w := &MetricWriter{
		client: c, runID: runID, limit: DefaultBuffer, baseID: strings.ToLower(rand.Text()),
		changed: make(chan struct{}), ended: make(chan struct{}),
	}
	for _, option := range options {
		option(w)
	}
	w.writerID = w.baseID
	ctx, w.cancel = context.WithCancel(ctx)
	go w.run(ctx)
	return w
}

// Write takes points. It waits while the buffer is full, until ctx ends or, without a deadline, for the client's timeout;
// then the error tells how many of the points were taken. It also fails when the server refuses the writer's points.
func (w *MetricWriter) Write(ctx context.Context, points ...Point) error {
	for _, point := range points {
		if rule := keyProblem(point.Key); rule != "" {
			return invalid("key", rule)
		}
	}
	ctx, cancel := w.client.settings.bounded(ctx)
	defer cancel()
	now := time.Now()
	taken := 0
	err := w.await(ctx, func() (bool, error) {
		for ; taken < len(points); taken++ {
			if w.closing {
				return false, &Error{Code: codes.FailedPrecondition, Message: "the writer is closed"}
			}
			if w.written >= w.committed {
				if len(w.points) >= w.limit {
					return false, nil
				}
				point := points[taken]
				if point.Time.IsZero() {
					point.Time = now
				}
				w.points = append(w.points, point)
			}
			w.written++
		}
		return true, nil
	})
	if err != nil && len(points) > 1 {
		return fmt.Errorf("%d of %d points were taken: %w", taken, len(points), err)
	}
	return err
}

func keyProblem(key string) string {
	switch count := utf8.RuneCountInString(key); {
	case count == 0 || count > 250:
		return fmt.Sprintf("has %d characters: give 1 to 250", count)
	case !utf8.ValidString(key):
		return "is not UTF-8"
	case strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "has a control character"
	}
	return ""
}

// Flush waits until everything written so far is committed. Without a deadline it waits for the client's timeout.
func (w *MetricWriter) Flush(ctx context.Context) error {
	ctx, cancel := w.client.settings.bounded(ctx)
	defer cancel()
	w.mu.Lock()
	goal := w.written
	w.flushing++
	w.signal()
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.flushing--
		w.mu.Unlock()
	}()
	return w.await(ctx, func() (bool, error) { return w.committed >= goal, nil })
}

// Close flushes and ends the writer. When ctx ends before everything is committed (without a deadline, after the
// client's timeout), the error tells how many points are lost. Close may be called again, and then does nothing.
func (w *MetricWriter) Close(ctx context.Context) error {
	ctx, cancel := w.client.settings.bounded(ctx)
	defer cancel()
	w.mu.Lock()
	w.closing = true
	w.signal()
	w.mu.Unlock()
	err := w.Flush(ctx)
	if err == nil {
		// The stream ends in good order.
		select {
		case <-w.ended:
		case <-ctx.Done():
		}
	}
	w.cancel()
	<-w.ended
	if err != nil {
		return fmt.Errorf("%d of %d points are not known to be committed: %w",
			w.Written()-w.Committed(), w.Written(), err)
	}
	return nil
}

// Written returns how many points were given to Write.
func (w *MetricWriter) Written() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.written
}

// Committed returns how many of this writer's points the server has stored.
func (w *MetricWriter) Committed() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.committed
}

// signal tells everyone that waits of a change; called with the lock held.
func (w *MetricWriter) signal() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// await tries something under the lock, at every change, until it succeeds or fails.
func (w *MetricWriter) await(ctx context.Context, try func() (bool, error)) error {
	for {
		w.mu.Lock()
		done, err := try()
		if err == nil && !done {
			err = w.err
		}
		if done {
			w.signal()
		}
		changed := w.changed
		w.mu.Unlock()
		if done || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fromRPC(ctx.Err(), w.client.settings.address)
		}
	}
}

// watch returns what is closed at the next change.
func (w *MetricWriter) watch() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed
}

// done reports whether everything is committed and nothing more comes.
func (w *MetricWriter) done() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closing && w.committed >= w.written
}

// resumes reports whether the writer can go on behind what the server says is committed.
func (w *MetricWriter) resumes(committed int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	lost := w.committed - (committed + w.offset)
	if lost <= 0 {
		return true
	}
	// The server has forgotten points that it had acknowledged, as by a restore, and they are not here any more. The rest
	// goes on as another writer, whose id says where it begins.
	w.client.settings.logger.Warn("the server lost points that it had stored; going on as another writer",
		"run_id", w.runID, "writer_id", w.writerID, "lost", lost)
	w.offset = w.committed
	w.writerID = fmt.Sprintf("%.43s-%d", w.baseID, w.offset+1)
	return false
}

// acknowledged forgets what is committed, and returns how many points still wait.
func (w *MetricWriter) acknowledged(committed int64) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if committed += w.offset; committed > w.committed {
		first := w.written - int64(len(w.points)) + 1
		w.points = w.points[max(0, min(committed-first+1, int64(len(w.points)))):]
		w.committed = committed
		w.signal()
	}
	return len(w.points)
}
