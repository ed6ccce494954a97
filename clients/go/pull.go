package runlore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"google.golang.org/protobuf/proto"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// Pulled is what came of a [Client.Pull].
type Pulled struct {
	// ManifestDigest names exactly these files.
	ManifestDigest string
	// Resolution is the answer that led to them; nil unless the reference was to a model.
	Resolution *Resolution
	// Unchanged says that the folder held exactly these files before.
	Unchanged bool
}

var (
	runReference      = regexp.MustCompile(`^runs:/+([0-9a-f]{32})(?:/(.*))?$`)
	manifestReference = regexp.MustCompile(`^manifests:/*([0-9a-f]{64})$`)
)

// Pull brings the files behind a reference into a folder, which appears with all of them or not at all, and has nothing
// else in it. References are "models:/<name>@<alias>", "models:/<name>/<version>" (or a stage, or "latest"),
// "runs:/<run_id>", "runs:/<run_id>/<path>" and "manifests:/<digest>". The folder's own folder has to exist.
//
// The list of files is checked against the registered digest, every chunk and every file against its own; what is not as
// registered gives an error that wraps [ErrIntegrity]. Chunks are fetched in parallel, straight from the object store
// where it signs URLs and can be reached, else through the server. No path leaves the folder, whatever the server says.
//
// A folder that holds exactly these files already, every byte verified, is left as it is, also when the registry is down
// and a [Client.Resolve] answered from its cache: so a pod boots on what it pulled last. One that holds anything else is
// not touched; the error wraps fs.ErrExist. A process that is killed leaves a folder ".<name>-pull-*" beside it.
func (c *Client) Pull(ctx context.Context, reference, folder string, options ...ResolveOption) (*Pulled, error) {
	request := &runlorev1.GetManifestRequest{IncludeUrls: true}
	pulled := &Pulled{}
	if match := runReference.FindStringSubmatch(reference); match != nil {
		request.Source, request.Path = &runlorev1.GetManifestRequest_RunId{RunId: match[1]}, match[2]
	} else if match := manifestReference.FindStringSubmatch(reference); match != nil {
		pulled.ManifestDigest = match[1]
	} else {
		answer, err := c.Resolve(ctx, &runlorev1.ResolveRequest{Reference: reference}, options...)
		if err != nil {
			return nil, err
		}
		pulled.Resolution, pulled.ManifestDigest = answer, answer.GetModelVersion().GetManifestDigest()
	}
	if pulled.ManifestDigest != "" {
		request.Source = &runlorev1.GetManifestRequest_ManifestDigest{ManifestDigest: pulled.ManifestDigest}
	}
	files, manifest, err := c.listFiles(ctx, request, pulled.Resolution != nil && pulled.Resolution.FromCache)
	if err != nil {
		return nil, err
	}
	if pulled.ManifestDigest == "" {
		pulled.ManifestDigest = manifest.GetDigest()
	}
	if err := checkFiles(files, pulled.ManifestDigest); err != nil {
		return nil, err
	}
	c.keepFiles(pulled.ManifestDigest, files)
	if pulled.Unchanged, err = ready(folder, files); err != nil || pulled.Unchanged {
		return pulled, err
	}
	if pulled.Resolution != nil && pulled.Resolution.FromCache {
		return nil, fmt.Errorf("%s is not the last good copy to go on with: %w", folder, pulled.Resolution.Cause)
	}
	return pulled, c.fetchInto(ctx, folder, request, files)
}

// ready reports whether a folder holds the files already; else it fails unless the folder is new or empty.
func ready(folder string, files []*runlorev1.FileEntry) (bool, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if holdsExactly(folder, files) {
		return true, nil
	}
	return false, fmt.Errorf("'%s' holds something else: name a folder that is new or empty: %w", folder, fs.ErrExist)
}

func (c *Client) fetchInto(
	ctx context.Context, folder string, request *runlorev1.GetManifestRequest, files []*runlorev1.FileEntry,
) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp(filepath.Dir(folder), "."+filepath.Base(folder)+"-pull-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	root, err := os.OpenRoot(scratch)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Chmod(".", 0o755); err != nil {
		return err
	}
	down := &download{client: c, root: root, request: request}
	if err := down.fetch(ctx, files); err != nil {
		return err
	}
	if _, err := os.Stat(folder); err == nil {
		// It is empty. Another pull may have filled it since, and then it stays.
		_ = os.Remove(folder)
	}
	if err := os.Rename(scratch, folder); err != nil {
		if done, _ := ready(folder, files); done {
			return nil
		}
		return err
	}
	return nil
}

// listFiles returns all files of a manifest, with URLs; from the cache when the registry is known to be down.
func (c *Client) listFiles(
	ctx context.Context, request *runlorev1.GetManifestRequest, offline bool,
) ([]*runlorev1.FileEntry, *runlorev1.Manifest, error) {
	if offline {
		listing := &runlorev1.GetManifestResponse{}
		data, err := c.notes.load(c.listName(request.GetManifestDigest()))
		if err == nil && proto.Unmarshal(data, listing) == nil {
			return listing.GetFiles(), listing.GetManifest(), nil
		}
	}
	page := proto.CloneOf(request)
	var files []*runlorev1.FileEntry
	for {
		response, err := c.Artifacts.GetManifest(ctx, page)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, response.GetFiles()...)
		if page.PageToken = response.GetNextPageToken(); page.PageToken == "" {
			return files, response.GetManifest(), nil
		}
	}
}

func (c *Client) listName(digest string) string { return filepath.Join("listings", digest+".binpb") }

// keepFiles keeps a list of files, which its digest proves whenever it is read again.
func (c *Client) keepFiles(digest string, files []*runlorev1.FileEntry) {
	if c.notes.has(c.listName(digest)) {
		return
	}
	listing := proto.CloneOf(&runlorev1.GetManifestResponse{Files: files})
	for _, file := range listing.GetFiles() {
		for _, chunk := range file.GetChunks() {
			chunk.Url = ""
		}
	}
	if data, err := proto.Marshal(listing); err == nil {
		_ = c.notes.keep(c.listName(digest), data)
	}
}

func checkFiles(files []*runlorev1.FileEntry, digest string) error {
	found, err := ManifestOf(files)
	if err != nil {
		return damaged(nil, "the list of files of manifest %s is not valid: %v", digest, err)
	}
	if found.GetDigest() != digest || found.GetFileCount() != int64(len(files)) {
		return damaged(map[string]string{"manifest_digest": digest},
			"the list of files has the digest %s, not %s as registered: nothing was downloaded", found.GetDigest(), digest)
	}
	return nil
}
