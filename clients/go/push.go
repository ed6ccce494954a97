package runlore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

const (
	// transfersAtOnce are the chunks under way at once; each takes up to 16 MiB of memory on its way up.
	transfersAtOnce = 4
	// blobsACall are asked about at once: few enough that their URLs are used before they expire.
	blobsACall = 250
	// filesACall and chunksACall are what one call registers: the contract's cap, and well under a message's 32 MiB.
	filesACall, chunksACall = 10_000, 100_000
	// pieceBytes of a blob go in one message.
	pieceBytes = 1 << 20
	// blobTimeout is what one try at a chunk may take: a slow line is not an error.
	blobTimeout = 10 * time.Minute
)

// Push registers the files of a folder as a model's next version, and returns the version. Files are cut into chunks of
// 16 MiB; what the store has already is not sent again, so that a push that was cut goes on where it was. Bytes go
// straight to the object store where it signs URLs and can be reached, else through the server.
//
// The request says the rest: the model's name, a description, tags; its source is set by Push. Links that lead out of the
// folder are refused. An error that wraps [ErrFileChanged] says that somebody wrote to a file meanwhile. The context
// bounds the whole push; without a deadline each call has the client's timeout.
func (c *Client) Push(
	ctx context.Context, folder string, request *runlorev1.CreateModelVersionRequest,
) (*runlorev1.ModelVersion, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	entries, err := describeAll(ctx, root)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, invalid("folder", fmt.Sprintf("'%s' has no files: a version is made of files", folder))
	}
	up := &upload{client: c, root: root, workspace: request.GetWorkspace()}
	if err := up.send(ctx, entries); err != nil {
		return nil, err
	}
	digest, err := up.register(ctx, entries)
	if err != nil {
		return nil, err
	}
	wanted := proto.CloneOf(request)
	wanted.Source = &runlorev1.CreateModelVersionRequest_ManifestDigest{ManifestDigest: digest}
	response, err := c.Registry.CreateModelVersion(ctx, wanted)
	return response.GetModelVersion(), err
}

func describeAll(ctx context.Context, root *os.Root) ([]*runlorev1.FileEntry, error) {
	names, err := scan(root)
	if err != nil {
		return nil, err
	}
	entries := make([]*runlorev1.FileEntry, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		group.Go(func() (err error) {
			if ctx.Err() != nil {
				return fromRPC(ctx.Err(), "the server")
			}
			entries[i], err = describe(root, name)
			return err
		})
	}
	return entries, group.Wait()
}

// blob is a chunk of a file of the folder.
type blob struct {
	file  string
	chunk *runlorev1.Chunk
}

type upload struct {
	client    *Client
	root      *os.Root
	workspace string
	noStore   atomic.Bool // this client has no way to the object store; the server has
}

func (u *upload) send(ctx context.Context, entries []*runlorev1.FileEntry) error {
	var blobs []blob
	seen := map[string]bool{}
	for _, entry := range entries {
		for _, chunk := range entry.GetChunks() {
			if !seen[chunk.GetSha256()] {
				seen[chunk.GetSha256()] = true
				blobs = append(blobs, blob{entry.GetPath(), chunk})
			}
		}
	}
	for part := range slices.Chunk(blobs, blobsACall) {
		targets, err := u.prepare(ctx, part)
		if err != nil {
			return err
		}
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(transfersAtOnce)
		for i, target := range targets {
			if !target.GetStored() {
				group.Go(func() error { return u.sendOne(ctx, part[i], target) })
			}
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

func (u *upload) prepare(ctx context.Context, blobs []blob) ([]*runlorev1.UploadTarget, error) {
	request := &runlorev1.PrepareUploadRequest{Workspace: u.workspace}
	for _, b := range blobs {
		request.Blobs = append(request.Blobs, &runlorev1.BlobSpec{Sha256: b.chunk.GetSha256(), Size: b.chunk.GetSize()})
	}
	response, err := u.client.Artifacts.PrepareUpload(ctx, request)
	if err == nil && len(response.GetTargets()) != len(blobs) {
		return nil, damaged(nil, "the server named %d places for %d blobs", len(response.GetTargets()), len(blobs))
	}
	return response.GetTargets(), err
}

func (u *upload) sendOne(ctx context.Context, b blob, target *runlorev1.UploadTarget) error {
	data, err := u.read(b)
	if err != nil {
		return err
	}
	for attempt := range storeTries {
		if target.GetUrl() == "" || u.noStore.Load() {
			break
		}
		err := storePut(ctx, u.client.store, target.GetUrl(), target.GetHeaders(), data)
		var refusal *storeError
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fromRPC(ctx.Err(), u.client.settings.address)
		case errors.As(err, &refusal) && refusal.status == 0:
			u.noStore.Store(true)
		case refusal.expired():
			targets, err := u.prepare(ctx, []blob{b})
			if err != nil {
				return err
			}
			if target = targets[0]; target.GetStored() {
				return nil
			}
		default:
			sleep(ctx, 200*time.Millisecond<<attempt)
		}
	}
	return u.sendThroughServer(ctx, b, data)
}

// read returns a chunk's bytes, which are still those that were hashed.
func (u *upload) read(b blob) ([]byte, error) {
	file, err := u.root.Open(b.file)
	if err != nil {
		return nil, changedFile(b.file, err)
	}
	defer file.Close()
	data := make([]byte, b.chunk.GetSize())
	if _, err := file.ReadAt(data, b.chunk.GetOffset()); err != nil || sumOf(data) != b.chunk.GetSha256() {
		return nil, changedFile(b.file, err)
	}
	return data, nil
}

// sendThroughServer goes on behind what arrived, whenever the stream is cut. Storing a blob twice changes nothing.
func (u *upload) sendThroughServer(ctx context.Context, b blob, data []byte) error {
	tries := patience{limit: u.client.settings.timeout}
	var start int64
	for {
		err := u.write(ctx, b, data, start)
		var refusal *Error
		if err == nil {
			return nil
		}
		if errors.As(err, &refusal) && start > 0 &&
			(refusal.Code == codes.InvalidArgument || refusal.Code == codes.FailedPrecondition) {
			// What was kept of an earlier try is wrong or gone.
			start = 0
			continue
		}
		if err := tries.after(ctx, err); err != nil {
			return err
		}
		status, err := u.client.Artifacts.GetUploadStatus(
			ctx, &runlorev1.GetUploadStatusRequest{Sha256: b.chunk.GetSha256()})
		if err != nil {
			// What is wrong is told by the next try at the blob itself.
			start = 0
			continue
		}
		if status.GetStored() {
			return nil
		}
		if status.GetKeptBytes() > start {
			tries.succeeded()
		}
		start = status.GetKeptBytes()
	}
}

func (u *upload) write(ctx context.Context, b blob, data []byte, start int64) error {
	ctx, cancel := context.WithTimeout(ctx, blobTimeout)
	defer cancel()
	stream, err := u.client.Artifacts.WriteBlob(ctx)
	if err != nil {
		return err
	}
	spec := &runlorev1.BlobSpec{Sha256: b.chunk.GetSha256(), Size: b.chunk.GetSize()}
	err = stream.Send(&runlorev1.WriteBlobRequest{
		Content: &runlorev1.WriteBlobRequest_Blob{Blob: spec}, Offset: start,
	})
	rest := bytes.NewReader(data[start:])
	for err == nil && rest.Len() > 0 {
		piece := make([]byte, min(pieceBytes, rest.Len()))
		_, _ = rest.Read(piece)
		err = stream.Send(&runlorev1.WriteBlobRequest{Content: &runlorev1.WriteBlobRequest_Data{Data: piece}})
	}
	if err != nil && err != io.EOF {
		return err
	}
	_, err = stream.CloseAndRecv()
	return err
}

// register stores a manifest of the files, in as few calls as the caps allow, and returns its digest.
func (u *upload) register(ctx context.Context, entries []*runlorev1.FileEntry) (string, error) {
	manifest := &runlorev1.Manifest{}
	for len(entries) > 0 {
		count, chunks := 0, 0
		for count < len(entries) && count < filesACall && (count == 0 || chunks <= chunksACall) {
			chunks += len(entries[count].GetChunks())
			count++
		}
		response, err := u.client.Artifacts.CreateManifest(ctx, &runlorev1.CreateManifestRequest{
			Workspace: u.workspace, BaseDigest: manifest.GetDigest(), Files: entries[:count],
		})
		if err != nil {
			return "", err
		}
		manifest, entries = response.GetManifest(), entries[count:]
	}
	return manifest.GetDigest(), nil
}
