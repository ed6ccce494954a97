package runlore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	runlore "github.com/runlore/runlore/clients/go"
	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

func TestWatchYieldsEachEventOnceThroughCutsAndRestarts(t *testing.T) {
	noLeaks(t)
	server := ownServer(t)
	proxy := proxyTo(t, server.Address)
	workspace := runlore.WithWorkspace("w")
	client := dial(t, server.Address, workspace)
	ctx := within(t, 4*time.Minute)
	newVersion(ctx, t, client, "m", map[string]string{"model": "1"})
	newVersion(ctx, t, client, "m", map[string]string{"model": "2"})

	watcher := dial(t, proxy.Address, workspace)
	ready := make(chan struct{})
	failed := make(chan error, 1)
	var revisions []int64
	const moves = 60
	go func() {
		defer close(failed)
		request := &runlorev1.WatchRequest{
			Resource: &runlorev1.WatchRequest_ModelName{ModelName: "m"}, Alias: "champion",
		}
		for response, err := range watcher.WatchResponses(ctx, request) {
			if err != nil {
				failed <- err
				return
			}
			select {
			case <-ready:
			default:
				close(ready)
			}
			for _, event := range response.GetEvents() {
				revisions = append(revisions, event.GetRevision())
			}
			if len(revisions) >= moves {
				return
			}
		}
	}()
	select {
	case <-ready:
	case <-ctx.Done():
		t.Fatal("the watch does not begin")
	}
	for i := range moves {
		move(ctx, t, client, "m", int64(1+i%2))
		switch {
		case i == moves/2:
			if err := server.Stop(); err != nil {
				t.Fatal(err)
			}
			start(t, server)
		case i == moves*3/4:
			if err := server.Kill(); err != nil {
				t.Fatal(err)
			}
			start(t, server)
		case i%5 == 0:
			proxy.Cut()
		}
	}
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	for i, revision := range revisions {
		if revision != revisions[0]+int64(i) {
			t.Fatalf("not each once and in order: %v", revisions)
		}
	}
	if len(revisions) != moves {
		t.Fatalf("%d of %d", len(revisions), moves)
	}
}

func TestWatchEndsWithItsContextAndWithWhatNoTryCures(t *testing.T) {
	noLeaks(t)
	client := dial(t, sharedServer(t).Address)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(200*time.Millisecond, cancel)
	var last error
	err := inTime(t, 10*time.Second, func() error {
		for _, err := range client.Watch(ctx, &runlorev1.WatchRequest{}) {
			last = err
		}
		return last
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("expected CANCELLED: %v", err)
	}
	for _, err := range client.Watch(within(t, time.Minute), &runlorev1.WatchRequest{AfterPosition: "no position"}) {
		if !runlore.HasReason(err, runlorev1.ErrorReason_ERROR_REASON_INVALID_POSITION) {
			t.Errorf("expected INVALID_POSITION: %v", err)
		}
	}
	for _, err := range client.Watch(within(t, time.Minute), &runlorev1.WatchRequest{
		Resource: &runlorev1.WatchRequest_ModelName{ModelName: "nobody's"},
	}) {
		if !runlore.HasReason(err, runlorev1.ErrorReason_ERROR_REASON_MODEL_NOT_FOUND) {
			t.Errorf("expected MODEL_NOT_FOUND: %v", err)
		}
	}
}
