package runlore

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

const downloadsAtOnce = 8

// download fetches the files of one manifest into a folder.
type download struct {
	client  *Client
	root    *os.Root
	request *runlorev1.GetManifestRequest
	noStore atomic.Bool // this client has no way to the object store; the server has
}

// incoming is a file that is not complete yet.
type incoming struct {
	entry *runlorev1.FileEntry
	file  *os.File
	left  atomic.Int64 // chunks
}

func (d *download) fetch(ctx context.Context, files []*runlorev1.FileEntry) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(downloadsAtOnce)
	for _, entry := range files {
		if inner.Err() != nil {
			break
		}
		file, err := d.create(entry)
		if err != nil {
			group.Go(func() error { return err })
			break
		}
		in := &incoming{entry: entry, file: file}
		in.left.Store(int64(max(1, len(entry.GetChunks()))))
		for number := range max(1, len(entry.GetChunks())) {
			// Waits while so many are under way, so that few files are open at once.
			group.Go(func() error {
				err := d.chunk(inner, in, number)
				if in.left.Add(-1) == 0 {
					if unfinished := d.finish(inner, in); err == nil {
						err = unfinished
					}
				}
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return fromContext(ctx)
}

func (d *download) create(entry *runlorev1.FileEntry) (*os.File, error) {
	if err := d.root.MkdirAll(path.Dir(entry.GetPath()), 0o755); err != nil {
		return nil, err
	}
	file, err := d.root.OpenFile(entry.GetPath(), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("this disk has no place for '%s': %w", entry.GetPath(), err)
	}
	return file, nil
}

// chunk brings a chunk to its place; the store is asked first.
func (d *download) chunk(ctx context.Context, in *incoming, number int) error {
	if len(in.entry.GetChunks()) == 0 || ctx.Err() != nil {
		return fromContext(ctx)
	}
	chunk := in.entry.GetChunks()[number]
	sink := &sink{chunk: chunk, file: in.file}
	stored, err := d.fromStore(ctx, in.entry, number, sink)
	if err != nil {
		return err
	}
	if stored && sink.good() {
		return nil
	}
	// A proxy in between may have garbled them: the server is asked before they count as damaged.
	sink.restart()
	if err := d.fromServer(ctx, chunk, sink); err != nil {
		return err
	}
	if !sink.good() {
		return damaged(map[string]string{"path": in.entry.GetPath(), "sha256": chunk.GetSha256()},
			"'%s' is damaged: its %d bytes at offset %d do not have the sha256 %s; nothing was kept",
			in.entry.GetPath(), chunk.GetSize(), chunk.GetOffset(), chunk.GetSha256())
	}
	return nil
}

func fromContext(ctx context.Context) error {
	if ctx.Err() != nil {
		return fromRPC(ctx.Err(), "the server")
	}
	return nil
}

func (d *download) fromStore(ctx context.Context, entry *runlorev1.FileEntry, number int, sink *sink) (bool, error) {
	target := entry.GetChunks()[number].GetUrl()
	for attempt := range storeTries {
		if target == "" || d.noStore.Load() {
			return false, nil
		}
		sink.restart()
		err := storeGet(ctx, d.client.store, target, sink)
		var refusal *storeError
		switch {
		case err == nil:
			return true, nil
		case ctx.Err() != nil:
			return false, fromContext(ctx)
		case !errors.As(err, &refusal):
			return false, err // the disk's
		case refusal.status == 0:
			d.noStore.Store(true)
		case refusal.expired():
			if d.request.GetPath() != "" {
				return false, nil
			}
			page := proto.CloneOf(d.request)
			page.Path = entry.GetPath()
			files, _, err := d.client.listFiles(ctx, page, false)
			if err != nil {
				return false, err
			}
			if len(files) != 1 || len(files[0].GetChunks()) <= number {
				return false, nil
			}
			target = files[0].GetChunks()[number].GetUrl()
		default:
			sleep(ctx, 200*time.Millisecond<<attempt)
		}
	}
	return false, nil
}

// fromServer goes on behind what arrived, whenever the stream is cut.
func (d *download) fromServer(ctx context.Context, chunk *runlorev1.Chunk, sink *sink) error {
	tries := patience{limit: d.client.settings.timeout}
	for {
		before := sink.size
		err := d.read(ctx, chunk, sink)
		if err == nil || sink.size > chunk.GetSize() {
			return nil
		}
		if sink.size > before {
			tries.succeeded()
		}
		if err := tries.after(ctx, err); err != nil {
			return err
		}
	}
}

func (d *download) read(ctx context.Context, chunk *runlorev1.Chunk, sink *sink) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := d.client.Artifacts.ReadBlob(ctx, &runlorev1.ReadBlobRequest{
		Sha256: chunk.GetSha256(), Offset: sink.size,
	})
	if err != nil {
		return err
	}
	for sink.size <= chunk.GetSize() {
		message, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := sink.Write(message.GetData()); err != nil {
			return err
		}
	}
	return nil
}

// finish verifies a file of several chunks as a whole, and closes it.
func (d *download) finish(ctx context.Context, in *incoming) error {
	defer in.file.Close()
	if ctx.Err() != nil {
		return nil // why is told by what ended it
	}
	if in.entry.GetMode() == 0o755 {
		if err := in.file.Chmod(0o755); err != nil {
			return err
		}
	}
	if len(in.entry.GetChunks()) > 1 {
		whole := sha256.New()
		if _, err := io.Copy(whole, io.NewSectionReader(in.file, 0, in.entry.GetSize())); err != nil {
			return err
		}
		if found := hexSum(whole); found != in.entry.GetSha256() {
			return damaged(map[string]string{"path": in.entry.GetPath(), "sha256": in.entry.GetSha256()},
				"'%s' does not have the sha256 %s that its uploader claimed, but %s: nothing was kept",
				in.entry.GetPath(), in.entry.GetSha256(), found)
		}
	}
	return in.file.Close()
}

// sink writes a chunk's bytes to their place; what goes beyond the chunk is only counted.
type sink struct {
	chunk  *runlorev1.Chunk
	file   *os.File
	size   int64
	digest hash.Hash
}

func (s *sink) restart() { s.size, s.digest = 0, nil }

// Write takes the next bytes.
func (s *sink) Write(data []byte) (int, error) {
	if s.digest == nil {
		s.digest = sha256.New()
	}
	s.digest.Write(data)
	room := max(0, min(int64(len(data)), s.chunk.GetSize()-s.size))
	if _, err := s.file.WriteAt(data[:room], s.chunk.GetOffset()+s.size); err != nil {
		return 0, err
	}
	s.size += int64(len(data))
	return len(data), nil
}

func (s *sink) good() bool {
	return s.size == s.chunk.GetSize() && s.digest != nil && hexSum(s.digest) == s.chunk.GetSha256()
}
