package runlore_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	runlore "github.com/runlore/runlore/clients/go"
	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// A version goes from one machine's folder to another's, by an alias.
func Example() {
	ctx := context.Background()
	client, err := runlore.Dial(exampleAddress(), runlore.WithWorkspace("example"), runlore.WithCacheDir(""))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	folder, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	if err := os.WriteFile(filepath.Join(folder, "model.json"), []byte(`{"w": 1}`), 0o644); err != nil {
		log.Fatal(err)
	}
	if _, err := client.Registry.CreateRegisteredModel(ctx, &runlorev1.CreateRegisteredModelRequest{Name: "ctr"}); err != nil {
		log.Fatal(err)
	}
	version, err := client.Push(ctx, folder, &runlorev1.CreateModelVersionRequest{ModelName: "ctr"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Registry.SetAlias(ctx, &runlorev1.SetAliasRequest{
		ModelName: "ctr", Alias: "champion", Version: version.GetVersion(), Reason: "the first",
		Expect: &runlorev1.AliasExpectation{Holder: &runlorev1.AliasExpectation_Absent{Absent: true}},
	})
	if err != nil {
		log.Fatal(err)
	}

	pulled, err := client.Pull(ctx, "models:/ctr@champion", filepath.Join(folder, "pulled"))
	if err != nil {
		log.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(folder, "pulled", "model.json"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("version %d: %s\n", pulled.Resolution.GetModelVersion().GetVersion(), data)

	_, err = client.Resolve(ctx, &runlorev1.ResolveRequest{Reference: "models:/ctr@challenger"})
	var e *runlore.Error
	if errors.As(err, &e) {
		fmt.Println(e.Code, e.Reason, e.Metadata["alias"])
	}
	// Output:
	// version 1: {"w": 1}
	// NotFound ALIAS_NOT_FOUND challenger
}

// Points of a run, each stored exactly once.
func ExampleMetricWriter() {
	ctx := context.Background()
	client, err := runlore.Dial(exampleAddress(), runlore.WithWorkspace("example"))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	run, err := client.Tracking.CreateRun(ctx, &runlorev1.CreateRunRequest{Name: "evaluation"})
	if err != nil {
		log.Fatal(err)
	}
	writer := client.NewMetricWriter(ctx, run.GetRun().GetRunId())
	for step := range int64(1_000) {
		if err := writer.Write(ctx, runlore.Point{Key: "loss", Step: step, Value: 1 / float64(step+1)}); err != nil {
			log.Fatal(err)
		}
	}
	if err := writer.Close(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(writer.Committed(), "points are committed")
	// Output: 1000 points are committed
}

func exampleAddress() string {
	server, err := startShared()
	if err != nil {
		log.Fatal(err)
	}
	return server.Address
}
