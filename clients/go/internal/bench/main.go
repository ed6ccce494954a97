// Command bench measures what the client costs beside the raw stub, and how soon a watch is back after a restart of its
// server. It prints one JSON object.
//
//	bench --seconds 10 --restarts 5
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	runlore "github.com/runlore/runlore/clients/go"
	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
	"github.com/runlore/runlore/clients/go/internal/testserver"
)

type result struct {
	// ResolvePerSecond are sequential calls, by the client and by the raw stub, in alternating rounds.
	ResolvePerSecond struct {
		Client float64 `json:"client"`
		Stub   float64 `json:"stub"`
		Ratio  float64 `json:"ratio"`
	} `json:"resolve_per_second"`
	// ReconnectSeconds are from the moment at which a restarted server is ready to the first event that the watch yields.
	ReconnectSeconds []float64 `json:"reconnect_seconds"`
}

func main() {
	log.SetFlags(0)
	seconds := flag.Float64("seconds", 10, "how long to measure Resolve, both together")
	rounds := flag.Int("rounds", 20, "rounds of each")
	restarts := flag.Int("restarts", 5, "restarts of the server")
	flag.Parse()
	found, err := measure(time.Duration(*seconds*float64(time.Second))/time.Duration(2**rounds), *rounds, *restarts)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		log.Fatal(err)
	}
}

func measure(round time.Duration, rounds, restarts int) (*result, error) {
	ctx := context.Background()
	folder, err := testserver.Folder()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	server := testserver.New(filepath.Join(folder, "data"))
	if err := server.Start(); err != nil {
		return nil, err
	}
	defer func() { _ = server.Kill() }()
	client, err := runlore.Dial(server.Address, runlore.WithCacheDir(filepath.Join(folder, "cache")))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if err := prepare(ctx, client, folder); err != nil {
		return nil, err
	}
	found := &result{}
	if err := found.resolve(ctx, client, server.Address, round, rounds); err != nil {
		return nil, err
	}
	return found, found.reconnect(ctx, client, server, restarts)
}

func prepare(ctx context.Context, client *runlore.Client, folder string) error {
	files := filepath.Join(folder, "files")
	if err := os.MkdirAll(files, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(files, "model"), []byte("1"), 0o644); err != nil {
		return err
	}
	if _, err := client.Registry.CreateRegisteredModel(ctx, &runlorev1.CreateRegisteredModelRequest{Name: "m"}); err != nil {
		return err
	}
	if _, err := client.Push(ctx, files, &runlorev1.CreateModelVersionRequest{ModelName: "m"}); err != nil {
		return err
	}
	return move(ctx, client, "champion")
}

func move(ctx context.Context, client *runlore.Client, alias string) error {
	_, err := client.Registry.SetAlias(ctx, &runlorev1.SetAliasRequest{
		ModelName: "m", Alias: alias, Version: 1, Reason: "measured",
		Expect: &runlorev1.AliasExpectation{Holder: &runlorev1.AliasExpectation_Any{Any: true}},
	})
	return err
}

// moveAnew sets an alias over a connection of its own, which does not wait for the pace of one that was lost. Each time
// another one: an alias that is set to where it is has not moved, and there is no event of it.
func moveAnew(ctx context.Context, address, alias string) error {
	client, err := runlore.Dial(address, runlore.WithCacheDir(""))
	if err != nil {
		return err
	}
	defer client.Close()
	return move(ctx, client, alias)
}

// resolve measures both sides by the best half of their rounds, so that what else the machine does counts for neither.
func (r *result) resolve(ctx context.Context, client *runlore.Client, address string, round time.Duration, rounds int) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	stub := runlorev1.NewRegistryServiceClient(conn)
	request := &runlorev1.ResolveRequest{Reference: "models:/m@champion"}
	sides := []func() error{
		func() error { _, err := client.Resolve(ctx, request); return err },
		func() error { _, err := stub.Resolve(ctx, request); return err },
	}
	rates := make([][]float64, len(sides))
	for i := range rounds + 1 {
		for j := range sides {
			// Each side goes first as often as the other.
			j = (i + j) % len(sides)
			rate, err := perSecond(round, sides[j])
			if err != nil {
				return err
			}
			if i > 0 { // the first round warms up
				rates[j] = append(rates[j], rate)
			}
		}
	}
	r.ResolvePerSecond.Client, r.ResolvePerSecond.Stub = upperHalf(rates[0]), upperHalf(rates[1])
	r.ResolvePerSecond.Ratio = r.ResolvePerSecond.Client / r.ResolvePerSecond.Stub
	return nil
}

func perSecond(most time.Duration, call func() error) (float64, error) {
	began, count := time.Now(), 0
	for time.Since(began) < most {
		if err := call(); err != nil {
			return 0, err
		}
		count++
	}
	return float64(count) / time.Since(began).Seconds(), nil
}

func upperHalf(rates []float64) float64 {
	slices.Sort(rates)
	best := rates[len(rates)/2:]
	sum := 0.
	for _, rate := range best {
		sum += rate
	}
	return sum / float64(len(best))
}

// reconnect measures how soon a watch yields an event that is made as soon as its restarted server is ready.
func (r *result) reconnect(ctx context.Context, client *runlore.Client, server *testserver.Server, restarts int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	came := make(chan error)
	go func() {
		request := &runlorev1.WatchRequest{Resource: &runlorev1.WatchRequest_ModelName{ModelName: "m"}}
		first := true
		for response, err := range client.WatchResponses(ctx, request) {
			if err != nil || first || len(response.GetEvents()) > 0 {
				came <- err
			}
			first = false
		}
	}()
	defer func() { go func() { <-came }() }()
	if err := <-came; err != nil {
		return err
	}
	for n := range restarts {
		if err := server.Stop(); err != nil {
			return err
		}
		if err := server.Start(); err != nil {
			return err
		}
		ready := time.Now()
		if err := moveAnew(ctx, server.Address, fmt.Sprintf("restart-%d", n)); err != nil {
			return err
		}
		select {
		case err := <-came:
			if err != nil {
				return err
			}
		case <-time.After(2 * time.Minute):
			return fmt.Errorf("no event came within two minutes of the restart")
		}
		r.ReconnectSeconds = append(r.ReconnectSeconds, time.Since(ready).Seconds())
	}
	return nil
}
