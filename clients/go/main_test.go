package runlore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	runlore "github.com/runlore/runlore/clients/go"
	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
	"github.com/runlore/runlore/clients/go/internal/testserver"
)

var shared struct {
	sync.Once
	server *testserver.Server
	err    error
}

func TestMain(m *testing.M) {
	for _, name := range []string{"ADDRESS", "WORKSPACE", "ACTOR", "TLS", "CA", "CACHE"} {
		_ = os.Unsetenv("RUNLORE_" + name)
	}
	code := m.Run()
	if shared.server != nil {
		_ = shared.server.Stop()
		if code != 0 {
			// What a test saw as INTERNAL is explained here, and nowhere else.
			fmt.Fprintf(os.Stderr, "the shared server's log:\n%s", shared.server.Log())
		}
		_ = os.RemoveAll(shared.server.Data)
	}
	os.Exit(code)
}

// startShared starts one server for all tests that leave it as it is, each in a workspace of its own.
func startShared() (*testserver.Server, error) {
	shared.Do(func() {
		folder, err := testserver.Folder()
		if shared.err = err; err == nil {
			shared.server = testserver.New(folder)
			shared.err = shared.server.Start()
		}
	})
	return shared.server, shared.err
}

func sharedServer(t *testing.T) *testserver.Server {
	t.Helper()
	server, err := startShared()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// ownServer is one that the test may stop.
func ownServer(t *testing.T, flags ...string) *testserver.Server {
	t.Helper()
	folder, err := testserver.Folder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	server := testserver.New(folder, flags...)
	startUntilEnd(t, server)
	return server
}

// startUntilEnd starts a server for the rest of the test.
func startUntilEnd(t *testing.T, server *testserver.Server) {
	t.Helper()
	start(t, server)
	t.Cleanup(func() {
		_ = server.Kill()
		if t.Failed() {
			t.Logf("the server's log:\n%s", server.Log())
		}
	})
}

func start(t *testing.T, server *testserver.Server) {
	t.Helper()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
}

func proxyTo(t *testing.T, address string) *testserver.Proxy {
	t.Helper()
	proxy, err := testserver.StartProxy(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proxy.Close() })
	return proxy
}

// noLeaks fails a test that leaves goroutines behind; called first, it looks last.
func noLeaks(t *testing.T) {
	t.Helper()
	known := goleak.IgnoreCurrent()
	server := goleak.IgnoreAnyFunction("github.com/runlore/runlore/clients/go/internal/testserver.(*Server).Start.func1")
	t.Cleanup(func() { goleak.VerifyNone(t, known, server) })
}

// dial connects with a workspace and a cache of the test's own.
func dial(t *testing.T, address string, options ...runlore.Option) *runlore.Client {
	t.Helper()
	client, err := runlore.Dial(address, append([]runlore.Option{
		runlore.WithWorkspace("go-" + rand.Text()), runlore.WithCacheDir(t.TempDir()), runlore.WithActor("user:test"),
		runlore.WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil))),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// within is a context that ends before a test that hangs would.
func within(t *testing.T, timeout time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	t.Cleanup(cancel)
	return ctx
}

// folderOf makes a folder of files by their paths.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// newVersion registers a version of a model, which is made if needed.
func newVersion(ctx context.Context, t *testing.T, client *runlore.Client, model string, files map[string]string) *runlorev1.ModelVersion {
	t.Helper()
	_, err := client.Registry.CreateRegisteredModel(ctx, &runlorev1.CreateRegisteredModelRequest{Name: model})
	if err != nil && !runlore.HasReason(err, runlorev1.ErrorReason_ERROR_REASON_MODEL_EXISTS) {
		t.Fatal(err)
	}
	version, err := client.Push(ctx, folderOf(t, files), &runlorev1.CreateModelVersionRequest{ModelName: model})
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func move(ctx context.Context, t *testing.T, client *runlore.Client, model string, version int64) {
	t.Helper()
	_, err := client.Registry.SetAlias(ctx, &runlorev1.SetAliasRequest{
		ModelName: model, Alias: "champion", Version: version, Reason: fmt.Sprintf("move to %d", version),
		Expect: &runlorev1.AliasExpectation{Holder: &runlorev1.AliasExpectation_Any{Any: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
