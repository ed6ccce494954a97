package runlore

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// The sending half of a MetricWriter: one LogStream after the other. Points keep their numbers however they are cut into
// frames and streams, so that nothing is stored twice.

const (
	framePoints = 5_000
	// streamKeys are the keys of one stream at most, as the contract caps them.
	streamKeys = 10_000
	// linger is how long a few points wait for company.
	linger = 10 * time.Millisecond
)

// errClosed ends a writer that has nothing more to say.
var errClosed = errors.New("the writer is closed")

// run sends over one stream after the other, until the writer is closed, its context ends or the server refuses its
// points.
func (w *MetricWriter) run(ctx context.Context) {
	defer close(w.ended)
	tries := patience{}
	most := framePoints
	for {
		before := w.Committed()
		err := w.stream(ctx, most)
		if err == errClosed {
			return
		}
		if w.Committed() > before {
			tries.succeeded()
		}
		var refusal *Error
		if errors.As(err, &refusal) {
			switch {
			case refusal.Reason == "BATCH_TOO_LARGE" && most > 1:
				most /= 2
				continue
			case refusal.Reason == "SEQUENCE_GAP":
				// The server forgot something; opening again tells what.
				err = errEnded
			}
		}
		if err == nil {
			continue
		}
		if err := tries.after(ctx, err); err != nil {
			w.mu.Lock()
			w.err = err
			w.signal()
			w.mu.Unlock()
			return
		}
	}
}

// logStream is one stream of a writer.
type logStream struct {
	grpc.BidiStreamingClient[runlorev1.LogStreamRequest, runlorev1.LogStreamResponse]
	writer *MetricWriter
	// hung ends a stream whose server takes or acknowledges nothing for the client's timeout.
	hung *time.Timer
	keys map[string]uint32
	full bool  // the next point has a key that this stream has no room for
	sent int64 // the number of the last point that was sent, or need not be
	most int   // points in a frame
}

// stream follows one stream to its end; nil: open another at once.
func (w *MetricWriter) stream(ctx context.Context, most int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timeout := w.client.settings.timeout
	s := &logStream{
		writer: w, keys: map[string]uint32{}, most: most,
		hung: time.AfterFunc(timeout, func() { cancel(errIdle) }),
	}
	defer s.hung.Stop()
	err := s.follow(ctx)
	if context.Cause(ctx) == errIdle {
		return errEnded
	}
	return err
}

func (s *logStream) follow(ctx context.Context) (err error) {
	w := s.writer
	if s.BidiStreamingClient, err = w.client.Tracking.LogStream(ctx); err != nil {
		return err
	}
	w.mu.Lock()
	open := &runlorev1.LogStreamOpen{RunId: w.runID, WriterId: w.writerID}
	w.mu.Unlock()
	err = s.Send(&runlorev1.LogStreamRequest{Message: &runlorev1.LogStreamRequest_Open{Open: open}})
	if err != nil && err != io.EOF {
		return err
	}
	first, err := s.Recv()
	if err != nil {
		return s.over(err)
	}
	opened := first.GetOpened()
	if !w.resumes(opened.GetCommittedPoints()) {
		return nil
	}
	s.acknowledged(opened.GetCommittedPoints())
	s.sent = w.Committed()
	ended := make(chan error, 1)
	go func() { ended <- s.receive() }()
	if err := s.send(opened, ended); err != nil {
		return err
	}
	if err := s.CloseSend(); err != nil {
		return err
	}
	if err := <-ended; err != io.EOF {
		return err
	}
	if w.done() {
		return errClosed
	}
	return nil
}

// over words the end of a stream that should not have ended.
func (s *logStream) over(err error) error {
	if err == io.EOF {
		return errEnded
	}
	return err
}

func (s *logStream) receive() error {
	for {
		response, err := s.Recv()
		if err != nil {
			return err
		}
		s.acknowledged(response.GetAcknowledged().GetCommittedPoints())
	}
}

func (s *logStream) acknowledged(committed int64) {
	if s.writer.acknowledged(committed) > 0 {
		s.hung.Reset(s.writer.client.settings.timeout)
	} else {
		s.hung.Stop()
	}
}

// send sends what there is until the writer is done or the stream is used up (nil), or the stream ends.
func (s *logStream) send(opened *runlorev1.LogStreamOpened, ended <-chan error) error {
	heartbeat := opened.GetHeartbeatInterval().AsDuration()
	if heartbeat <= 0 {
		heartbeat = 10 * time.Second
	}
	window := max(1, int64(opened.GetMaxUnacknowledgedPoints()))
	quiet := time.NewTimer(heartbeat)
	defer quiet.Stop()
	for {
		changed := s.writer.watch()
		frame, more := s.frame(window)
		var company <-chan time.Time
		switch {
		case len(frame.GetValues()) > 0:
			quiet.Reset(heartbeat)
			if err := s.sendFrame(frame, ended); err != nil {
				return err
			}
			if more {
				continue
			}
			// A few points more can wait for each other.
			changed, company = nil, time.After(linger)
		case s.full || s.writer.done():
			return nil
		}
		select {
		case err := <-ended:
			return s.over(err)
		case <-changed:
		case <-company:
		case <-quiet.C:
			quiet.Reset(heartbeat)
			if err := s.sendFrame(frame, ended); err != nil {
				return err
			}
		}
	}
}

func (s *logStream) sendFrame(frame *runlorev1.LogStreamFrame, ended <-chan error) error {
	if len(frame.GetValues()) > 0 {
		s.hung.Reset(s.writer.client.settings.timeout)
	}
	err := s.Send(&runlorev1.LogStreamRequest{Message: &runlorev1.LogStreamRequest_Frame{Frame: frame}})
	if err == io.EOF {
		return s.over(<-ended)
	}
	return err
}

// frame returns the next points, none when there is nothing to send for now, and whether more should follow at once.
func (s *logStream) frame(window int64) (frame *runlorev1.LogStreamFrame, more bool) {
	w := s.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	frame = &runlorev1.LogStreamFrame{FirstPoint: s.sent + 1 - w.offset}
	waiting := w.points[min(len(w.points), max(0, len(w.points)-int(w.written-s.sent))):]
	if s.sent >= w.written {
		waiting = nil
	}
	room := int(min(int64(s.most), window-(s.sent-w.committed), int64(len(waiting))))
	for _, point := range waiting[:max(0, room)] {
		number, ok := s.keys[point.Key]
		if !ok {
			if len(s.keys) == streamKeys {
				// Another stream has room for it.
				s.full = true
				break
			}
			number = uint32(len(s.keys))
			s.keys[point.Key] = number
			frame.NewKeys = append(frame.NewKeys, point.Key)
		}
		frame.Keys = append(frame.Keys, number)
		frame.Steps = append(frame.Steps, point.Step)
		frame.TimesUnixUs = append(frame.TimesUnixUs, point.Time.UnixMicro())
		frame.Values = append(frame.Values, point.Value)
	}
	s.sent += int64(len(frame.Values))
	return frame, w.flushing > 0 || w.closing || len(frame.Values) > s.most/2
}
