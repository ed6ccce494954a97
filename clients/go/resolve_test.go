package runlore_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	runlore "github.com/runlore/runlore/clients/go"
	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

var champion = &runlorev1.ResolveRequest{Reference: "models:/m@champion"}

func TestResolveGoesOnWithTheLastGoodAnswer(t *testing.T) {
	noLeaks(t)
	server := ownServer(t)
	cache := runlore.WithCacheDir(t.TempDir())
	workspace := runlore.WithWorkspace("w")
	client := dial(t, server.Address, cache, workspace)
	ctx := within(t, 2*time.Minute)
	version := newVersion(ctx, t, client, "m", map[string]string{"model": "1"})
	move(ctx, t, client, "m", version.GetVersion())
	answer, err := client.Resolve(ctx, champion)
	if err != nil || answer.FromCache || answer.GetModelVersion().GetVersion() != 1 {
		t.Fatalf("%+v, %v", answer, err)
	}
	folder := filepath.Join(t.TempDir(), "model")
	if _, err := client.Pull(ctx, "models:/m@champion", folder); err != nil {
		t.Fatal(err)
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	// Another process, after the registry went away.
	pod := dial(t, server.Address, cache, workspace)
	err = inTime(t, 15*time.Second, func() error {
		answer, err = pod.Resolve(context.Background(), champion)
		return err
	})
	if err != nil || !answer.FromCache || answer.GetModelVersion().GetVersion() != 1 || asError(t, answer.Cause) == nil {
		t.Fatalf("%+v, %v", answer, err)
	}
	answer, err = pod.Resolve(within(t, 200*time.Millisecond), champion)
	if err != nil || !answer.FromCache {
		t.Errorf("within a short deadline: %+v, %v", answer, err)
	}
	pulled, err := pod.Pull(within(t, time.Second), "models:/m@champion", folder)
	if err != nil || !pulled.Unchanged || !pulled.Resolution.FromCache {
		t.Errorf("a pod does not boot on what it pulled: %+v, %v", pulled, err)
	}
	if _, err := pod.Pull(within(t, time.Second), "models:/m@champion", folder+"2"); err == nil {
		t.Error("pulled from a server that is not there")
	}
	if _, err := pod.Resolve(within(t, 200*time.Millisecond), champion, runlore.NoFallback()); err == nil {
		t.Error("NoFallback fell back")
	}
	if _, err := pod.Resolve(within(t, 200*time.Millisecond), &runlorev1.ResolveRequest{Reference: "models:/m/1"}); err == nil {
		t.Error("answered what was never asked")
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := pod.Resolve(cancelled, champion); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call: %v", err)
	}
}

func TestARefusalIsNotCoveredUpByTheCache(t *testing.T) {
	client := dial(t, sharedServer(t).Address)
	ctx := within(t, time.Minute)
	move(ctx, t, client, "m", newVersion(ctx, t, client, "m", map[string]string{"model": "1"}).GetVersion())
	if _, err := client.Resolve(ctx, champion); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Registry.DeleteAlias(ctx, &runlorev1.DeleteAliasRequest{
		ModelName: "m", Alias: "champion", Expect: &runlorev1.AliasExpectation{Holder: &runlorev1.AliasExpectation_Any{Any: true}},
	}); err != nil {
		t.Fatal(err)
	}
	_, err := client.Resolve(ctx, champion)
	if !runlore.HasReason(err, runlorev1.ErrorReason_ERROR_REASON_ALIAS_NOT_FOUND) {
		t.Errorf("expected ALIAS_NOT_FOUND: %v", err)
	}
}

func TestAHistoryHasToGoOnFromTheOneThatIsKnown(t *testing.T) {
	cache := t.TempDir()
	workspace := runlore.WithWorkspace("heads-" + filepath.Base(filepath.Dir(cache)))
	client := dial(t, sharedServer(t).Address, runlore.WithCacheDir(cache), workspace)
	ctx := within(t, time.Minute)
	newVersion(ctx, t, client, "m", map[string]string{"model": "1"})
	newVersion(ctx, t, client, "m", map[string]string{"model": "2"})
	move(ctx, t, client, "m", 1)
	if _, err := client.Resolve(ctx, champion); err != nil {
		t.Fatal(err)
	}
	for i := range 30 { // more than are asked for at once
		move(ctx, t, client, "m", int64(2-i%2))
	}
	again := func(options ...runlore.ResolveOption) error {
		_, err := dial(t, sharedServer(t).Address, runlore.WithCacheDir(cache), workspace).Resolve(ctx, champion, options...)
		return err
	}
	if err := again(); err != nil {
		t.Fatalf("a history that goes on is refused: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(cache, "heads", "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	honest, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(head map[string]any){
		"cut":                   func(head map[string]any) { head["revision"] = head["revision"].(float64) + 5 },
		"written anew":          func(head map[string]any) { head["hash"] = strings.Repeat("0", 64) },
		"written anew long ago": func(head map[string]any) { head["revision"], head["hash"] = 2., strings.Repeat("0", 64) },
		"of another model":      func(head map[string]any) { head["model_id"] = strings.Repeat("0", 32) },
	} {
		head := map[string]any{}
		if err := json.Unmarshal(honest, &head); err != nil {
			t.Fatal(err)
		}
		change(head)
		data, err := json.Marshal(head)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(files[0], data, 0o644); err != nil {
			t.Fatal(err)
		}
		err = again()
		if !errors.Is(err, runlore.ErrIntegrity) || asError(t, err).Reason != "HISTORY_REWRITTEN" {
			t.Errorf("%s: expected HISTORY_REWRITTEN: %v", name, err)
		}
		if kept, _ := os.ReadFile(files[0]); string(kept) != string(data) {
			t.Errorf("%s: the known head was replaced by what was refused", name)
		}
		if err := again(runlore.AcceptHead()); err != nil {
			t.Errorf("%s: AcceptHead does not accept: %v", name, err)
		}
		if err := again(); err != nil {
			t.Errorf("%s: what was accepted is refused again: %v", name, err)
		}
	}
}
