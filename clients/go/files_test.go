package runlore_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	runlore "github.com/runlore/runlore/clients/go"
	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
	"github.com/runlore/runlore/clients/go/internal/testserver"
)

// large has three chunks, and none of its bytes are anybody else's.
func large() string {
	data := make([]byte, 2*runlore.ChunkBytes+12_345)
	source := rand.NewChaCha8([32]byte([]byte(time.Now().Format("2006-01-02T15:04:05.000000000 -0700"))[:32]))
	_, _ = source.Read(data)
	return string(data)
}

func tree() map[string]string {
	return map[string]string{
		"model.bin": large(), "empty": "", "conf/größe.json": "{}", "conf/deep/er/run.sh": "#!/bin/sh\n", "copy.json": "{}",
	}
}

func checkTree(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	count := 0
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		count++
		name, _ := filepath.Rel(folder, path)
		data, err := os.ReadFile(path)
		if wanted, ok := files[filepath.ToSlash(name)]; !ok || wanted != string(data) {
			t.Errorf("'%s' has %d bytes that are not those of before", name, len(data))
		}
		return err
	})
	if err != nil || count != len(files) {
		t.Errorf("%d of %d files: %v", count, len(files), err)
	}
}

func pushTree(ctx context.Context, t *testing.T, client *runlore.Client, files map[string]string) *runlorev1.ModelVersion {
	t.Helper()
	_, err := client.Registry.CreateRegisteredModel(ctx, &runlorev1.CreateRegisteredModelRequest{Name: "m"})
	if err != nil && !runlore.HasReason(err, runlorev1.ErrorReason_ERROR_REASON_MODEL_EXISTS) {
		t.Fatal(err)
	}
	folder := folderOf(t, files)
	if err := os.Chmod(filepath.Join(folder, "conf/deep/er/run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	version, err := client.Push(ctx, folder, &runlorev1.CreateModelVersionRequest{ModelName: "m", Tags: map[string]string{"by": "go"}})
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func TestWhatIsPushedIsPulled(t *testing.T) {
	noLeaks(t)
	proxy := proxyTo(t, sharedServer(t).Address)
	client := dial(t, proxy.Address)
	ctx := within(t, 3*time.Minute)
	files := tree()
	cuts := cutting(proxy)
	version := pushTree(ctx, t, client, files)
	<-cuts
	if version.GetVersion() != 1 || version.GetTags()["by"] != "go" {
		t.Errorf("not what was asked for: %v", version)
	}
	folder := filepath.Join(t.TempDir(), "model")
	cuts = cutting(proxy)
	pulled, err := client.Pull(ctx, "models:/m/1", folder)
	<-cuts
	if err != nil {
		t.Fatal(err)
	}
	if pulled.ManifestDigest != version.GetManifestDigest() {
		t.Errorf("another manifest: %s", pulled.ManifestDigest)
	}
	checkTree(t, folder, files)
	if found, err := os.Stat(filepath.Join(folder, "conf/deep/er/run.sh")); err != nil || found.Mode()&0o100 == 0 {
		t.Errorf("not executable any more: %v", err)
	}
	if again, err := client.Pull(ctx, "manifests:/"+pulled.ManifestDigest, folder); err != nil || !again.Unchanged {
		t.Errorf("pulled over itself: %+v, %v", again, err)
	}
	if second := pushTree(ctx, t, client, files); second.GetVersion() != 2 || second.GetManifestDigest() != version.GetManifestDigest() {
		t.Errorf("pushed again: %v", second)
	}
	if err := os.WriteFile(filepath.Join(folder, "more"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Pull(ctx, "models:/m/1", folder); !errors.Is(err, fs.ErrExist) {
		t.Errorf("expected fs.ErrExist: %v", err)
	}
	leftNothing(t, folder)
}

// cutting cuts all connections a few times, until the channel is closed.
func cutting(proxy *testserver.Proxy) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range 4 {
			time.Sleep(250 * time.Millisecond)
			proxy.Cut()
		}
	}()
	return ended
}

func leftNothing(t *testing.T, folder string) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(folder), ".*-pull-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestADamagedDownloadIsRefused(t *testing.T) {
	noLeaks(t)
	server := sharedServer(t)
	client := dial(t, server.Address)
	ctx := within(t, time.Minute)
	files := tree()
	pushTree(ctx, t, client, files)
	second := sha256.Sum256([]byte(files["model.bin"][runlore.ChunkBytes : 2*runlore.ChunkBytes]))
	digest := hex.EncodeToString(second[:])
	var blob string
	_ = filepath.WalkDir(filepath.Join(server.Data, "artifacts"), func(path string, _ fs.DirEntry, _ error) error {
		if filepath.Base(path) == digest {
			blob = path
		}
		return nil
	})
	data, err := os.ReadFile(blob)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.Chmod(blob, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(blob, data, 0o644); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "model")
	_, err = client.Pull(ctx, "models:/m/1", folder)
	if !errors.Is(err, runlore.ErrIntegrity) || asError(t, err).Metadata["sha256"] != digest {
		t.Errorf("expected to be told which chunk: %v", err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is there: %v", err)
	}
	leftNothing(t, folder)
}

func TestAPullThatIsCancelledLeavesNothing(t *testing.T) {
	noLeaks(t)
	proxy := proxyTo(t, sharedServer(t).Address)
	client := dial(t, proxy.Address)
	pushTree(within(t, time.Minute), t, client, tree())
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(300*time.Millisecond, func() { proxy.Silence(true); cancel() })
	folder := filepath.Join(t.TempDir(), "model")
	var err error
	for err == nil { // one may be done before that
		_ = os.RemoveAll(folder)
		err = inTime(t, 20*time.Second, func() error {
			_, err := client.Pull(ctx, "models:/m/1", folder)
			return err
		})
	}
	proxy.Silence(false)
	if asError(t, err).Code != codes.Canceled {
		t.Errorf("expected CANCELLED: %v", err)
	}
	leftNothing(t, folder)
}

func TestWhatCannotBePushedIsRefused(t *testing.T) {
	client := dial(t, sharedServer(t).Address)
	ctx := within(t, time.Minute)
	request := &runlorev1.CreateModelVersionRequest{ModelName: "m"}
	for name, spoil := range map[string]func(folder string) error{
		"no files":              func(folder string) error { return os.Remove(filepath.Join(folder, "model")) },
		"a link out of it":      func(folder string) error { return os.Symlink("/etc/hostname", filepath.Join(folder, "link")) },
		"a link to nothing":     func(folder string) error { return os.Symlink("nothing", filepath.Join(folder, "link")) },
		"a link that goes back": func(folder string) error { return os.Symlink(".", filepath.Join(folder, "link")) },
		"a backslash":           func(folder string) error { return os.WriteFile(filepath.Join(folder, `a\b`), nil, 0o644) },
	} {
		folder := folderOf(t, map[string]string{"model": "1"})
		if err := spoil(folder); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Push(ctx, folder, request); err == nil || asError(t, err).Reason != "INVALID_FIELD" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := client.Push(ctx, filepath.Join(t.TempDir(), "nothing"), request); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	folder := folderOf(t, map[string]string{"model": "1", "sub/link/file": "2"})
	if err := os.Symlink("model", filepath.Join(folder, "within")); err != nil {
		t.Fatal(err)
	}
	_, err := client.Push(ctx, folder, request)
	if !runlore.HasReason(err, runlorev1.ErrorReason_ERROR_REASON_MODEL_NOT_FOUND) {
		t.Errorf("expected MODEL_NOT_FOUND: %v", err)
	}
}

// malicious is a server whose manifest has paths that leave the folder, and whose digest is right.
type malicious struct {
	runlorev1.UnimplementedArtifactServiceServer
	path string
}

func (m malicious) GetManifest(context.Context, *runlorev1.GetManifestRequest) (*runlorev1.GetManifestResponse, error) {
	sum := sha256.Sum256(nil)
	file := &runlorev1.FileEntry{Path: m.path, Sha256: hex.EncodeToString(sum[:]), Mode: 0o644}
	return &runlorev1.GetManifestResponse{
		Manifest: &runlorev1.Manifest{Digest: strings.Repeat("0", 64)}, Files: []*runlorev1.FileEntry{file},
	}, nil
}

func TestNoPathLeavesTheFolder(t *testing.T) {
	for _, path := range []string{"../outside", "/tmp/outside", "a/../../outside", `..\outside`, "a//b", "C:/outside"} {
		address := serve(t, func(server *grpc.Server) {
			runlorev1.RegisterArtifactServiceServer(server, malicious{path: path})
		})
		parent := t.TempDir()
		_, err := dial(t, address).Pull(within(t, 10*time.Second), "manifests:/"+strings.Repeat("0", 64), filepath.Join(parent, "model"))
		if !errors.Is(err, runlore.ErrIntegrity) {
			t.Errorf("%q: expected a refusal: %v", path, err)
		}
		if entries, _ := os.ReadDir(parent); len(entries) > 0 {
			t.Errorf("%q: something was written: %v", path, entries)
		}
	}
}

func TestBytesGoStraightToTheObjectStore(t *testing.T) {
	root, err := testserver.Root()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(filepath.Join(root, ".venv", "bin", "python"), "-m", "tests.s3")
	command.Dir = root
	var said bytes.Buffer
	command.Stderr = &said
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = input.Close(); _ = command.Wait() }()
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	var store struct {
		Artifacts string            `json:"artifacts"`
		Variables map[string]string `json:"variables"`
	}
	if err := json.Unmarshal(line, &store); err != nil {
		t.Fatal(err)
	}
	folder, err := testserver.Folder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	server := testserver.New(folder, "--artifacts", store.Artifacts)
	for name, value := range store.Variables {
		server.Env = append(server.Env, name+"="+value)
	}
	startUntilEnd(t, server)

	noLeaks(t)
	var streamed []string
	client := dial(t, server.Address, runlore.WithDialOptions(recording(&streamed)))
	ctx := within(t, 2*time.Minute)
	files := tree()
	pushTree(ctx, t, client, files)
	pulled := filepath.Join(t.TempDir(), "model")
	if _, err := client.Pull(ctx, "models:/m/1", pulled); err != nil {
		t.Fatal(err)
	}
	checkTree(t, pulled, files)
	for _, method := range streamed {
		if strings.HasSuffix(method, "Blob") {
			t.Errorf("bytes went through the server: %v", streamed)
			break
		}
	}

	// A client that has no way to the store goes through the server.
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	server.Env = append(server.Env, "RUNLORE_S3_PUBLIC_ENDPOINT=http://127.0.0.1:1")
	start(t, server)
	streamed = nil
	if _, err := client.Pull(ctx, "models:/m/1", pulled+"2"); err != nil {
		t.Fatal(err)
	}
	checkTree(t, pulled+"2", files)
	other := tree()
	pushTree(ctx, t, client, other)
	if text := strings.Join(streamed, " "); !strings.Contains(text, "ReadBlob") || !strings.Contains(text, "WriteBlob") {
		t.Errorf("bytes did not go through the server: %v", streamed)
	}
	if _, err := client.Pull(ctx, "models:/m/2", pulled+"3"); err != nil {
		t.Fatal(err)
	}
	checkTree(t, pulled+"3", other)
}
