package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"

	runlore "github.com/runlore/runlore/clients/go"
	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
	"github.com/runlore/runlore/clients/go/internal/testserver"
)

const rollout = `echo "$RUNLORE_EVENT_MODEL@$RUNLORE_EVENT_ALIAS ${RUNLORE_EVENT_PREVIOUS_VERSION:-none} -> ` +
	`${RUNLORE_EVENT_VERSION:-none}: $RUNLORE_EVENT_REASON" >> "$ROLLOUTS"`

// TestMain is the controller itself when the test starts it as a process.
func TestMain(m *testing.M) {
	if os.Getenv("RUNLORE_TEST_CONTROLLER") != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// world is a real server with a model of two versions, and where the command notes what it saw.
type world struct {
	t        *testing.T
	server   *testserver.Server
	client   *runlore.Client
	rollouts string
	state    string
}

func newWorld(t *testing.T) *world {
	folder, err := testserver.Folder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	w := &world{t: t, server: testserver.New(folder), rollouts: filepath.Join(t.TempDir(), "rollouts"), state: filepath.Join(t.TempDir(), "position")}
	w.must(w.server.Start())
	t.Cleanup(func() { _ = w.server.Kill() })
	w.client, err = runlore.Dial(w.server.Address, runlore.WithCacheDir(""))
	w.must(err)
	t.Cleanup(func() { _ = w.client.Close() })
	_, err = w.client.Registry.CreateRegisteredModel(t.Context(), &runlorev1.CreateRegisteredModelRequest{Name: "ctr"})
	w.must(err)
	for _, text := range []string{"first", "second"} {
		files := t.TempDir()
		w.must(os.WriteFile(filepath.Join(files, "model"), []byte(text), 0o644))
		_, err = w.client.Push(t.Context(), files, &runlorev1.CreateModelVersionRequest{ModelName: "ctr"})
		w.must(err)
	}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) move(version int64, reason string) {
	w.t.Helper()
	_, err := w.client.Registry.SetAlias(w.t.Context(), &runlorev1.SetAliasRequest{
		ModelName: "ctr", Alias: "champion", Version: version, Reason: reason,
		Expect: &runlorev1.AliasExpectation{Holder: &runlorev1.AliasExpectation_Any{Any: true}},
	})
	w.must(err)
}

func (w *world) controller(command string) *exec.Cmd {
	w.t.Helper()
	self, err := os.Executable()
	w.must(err)
	process := exec.Command(self, "--state", w.state, "models:/ctr@champion", "sh", "-c", command)
	process.Env = append(os.Environ(), "RUNLORE_TEST_CONTROLLER=1", "RUNLORE_ADDRESS="+w.server.Address,
		"RUNLORE_CACHE="+w.t.TempDir(), "ROLLOUTS="+w.rollouts)
	process.Stderr = os.Stderr
	w.must(process.Start())
	w.t.Cleanup(func() { _ = process.Process.Kill() })
	return process
}

// saw waits until the command has seen exactly these moves.
func (w *world) saw(lines ...string) {
	w.t.Helper()
	var found string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		data, _ := os.ReadFile(w.rollouts)
		if found = strings.TrimSpace(string(data)); found == strings.Join(lines, "\n") {
			return
		}
	}
	w.t.Fatalf("the command saw\n%s\nand not\n%s", found, strings.Join(lines, "\n"))
}

func TestEveryMoveIsRolledOutThroughRestarts(t *testing.T) {
	w := newWorld(t)
	w.move(1, "the first")
	controller := w.controller(rollout)
	lines := []string{"ctr@champion none -> 1: the first"}
	w.saw(lines...)
	expect := func(before, after int64, reason string) {
		t.Helper()
		w.move(after, reason)
		lines = append(lines, fmt.Sprintf("ctr@champion %d -> %d: %s", before, after, reason))
		w.saw(lines...)
	}
	expect(1, 2, "better")
	w.must(w.server.Stop())
	w.must(w.server.Start())
	expect(2, 1, "worse after all")
	w.must(controller.Process.Signal(syscall.SIGTERM))
	w.must(controller.Wait())
	w.move(2, "while nobody looked")
	w.move(1, "and again")
	controller = w.controller(rollout)
	lines = append(lines, "ctr@champion 1 -> 2: while nobody looked", "ctr@champion 2 -> 1: and again")
	w.saw(lines...)
	w.must(controller.Process.Signal(syscall.SIGTERM))
	w.must(controller.Wait())

	// A rollout that fails is tried again, by the next controller.
	w.move(2, "once more")
	if err := w.controller("exit 3").Wait(); err == nil {
		t.Error("a rollout that fails is no error")
	}
	controller = w.controller(rollout)
	w.saw(append(lines, "ctr@champion 1 -> 2: once more")...)
	w.must(controller.Process.Signal(syscall.SIGTERM))
	w.must(controller.Wait())
}

func TestAMoveThatTheFirstAnswerHasIsRolledOutOnce(t *testing.T) {
	w := newWorld(t)
	before, err := w.client.Resolve(t.Context(), &runlorev1.ResolveRequest{Reference: "models:/ctr/2"})
	w.must(err)
	w.move(1, "the first")
	// As from a server that has not numbered the move yet.
	early := grpc.WithChainUnaryInterceptor(func(
		ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker,
		options ...grpc.CallOption,
	) error {
		err := invoke(ctx, method, request, reply, conn, options...)
		if answer, ok := reply.(*runlorev1.ResolveResponse); ok {
			answer.Position = before.GetPosition()
		}
		return err
	})
	t.Setenv("RUNLORE_ADDRESS", w.server.Address)
	t.Setenv("ROLLOUTS", w.rollouts)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	c := &controller{state: w.state, command: []string{"sh", "-c", rollout}}
	go func() {
		ended <- c.follow(ctx, "ctr", "champion", runlore.WithDialOptions(early), runlore.WithCacheDir(""))
	}()
	w.saw("ctr@champion none -> 1: the first")
	w.move(2, "better")
	w.saw("ctr@champion none -> 1: the first", "ctr@champion 1 -> 2: better")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAWrongReferenceEndsAtOnce(t *testing.T) {
	c := &controller{state: filepath.Join(t.TempDir(), "position"), command: []string{"true"}}
	t.Setenv("RUNLORE_ADDRESS", "not an address")
	if err := c.follow(context.Background(), "ctr", "champion"); err == nil {
		t.Error("no error")
	}
}
