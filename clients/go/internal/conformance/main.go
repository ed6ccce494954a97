// Command conformance is the Go client's driver for the conformance suite: it reads one operation a line as JSON, and
// answers each with one line. All operations go through the client's public API.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	runlore "github.com/runlore/runlore/clients/go"
	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// patient is what an operation without a deadline of its own may take.
const patient = 2 * time.Minute

type operation struct {
	Op          string            `json:"op"`
	Address     string            `json:"address"`
	Workspace   string            `json:"workspace"`
	Method      string            `json:"method"`
	Requests    []json.RawMessage `json:"requests"`
	Request     json.RawMessage   `json:"request"`
	Metadata    map[string]string `json:"metadata"`
	Deadline    float64           `json:"deadline_seconds"`
	Take        *int              `json:"take"`
	CancelAfter float64           `json:"cancel_after"`
	Files       []json.RawMessage `json:"files"`
	Folder      string            `json:"folder"`
	Model       string            `json:"model"`
	Reference   string            `json:"reference"`
	Destination string            `json:"destination"`
	Cache       string            `json:"cache"`
	RunID       string            `json:"run_id"`
	WriterID    string            `json:"writer_id"`
	Points      [][]any           `json:"points"`
}

type outcome map[string]any

// driver keeps one client for each address and options.
type driver struct{ clients map[[3]string]*runlore.Client }

func main() {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	d := &driver{clients: map[[3]string]*runlore.Client{}}
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := json.NewEncoder(os.Stdout)
	output.SetEscapeHTML(false)
	for {
		line, err := input.ReadBytes('\n')
		if len(line) > 0 {
			if err := output.Encode(d.serve(line)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func (d *driver) serve(line []byte) outcome {
	var op operation
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber() // 64-bit integers stay whole
	if err := decoder.Decode(&op); err != nil {
		return outcome{"error": outcome{"message": "not an operation: " + err.Error()}}
	}
	answer, err := d.run(&op)
	if err != nil {
		return outcome{"error": failure(err)}
	}
	return answer
}

func (d *driver) run(op *operation) (outcome, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	if op.Op == "manifest_digest" {
		return manifestDigest(op)
	}
	client, err := d.client(op)
	if err != nil {
		return nil, err
	}
	switch op.Op {
	case "call":
		return call(client, op)
	case "push":
		version, err := client.Push(ctx, op.Folder, &runlorev1.CreateModelVersionRequest{ModelName: op.Model})
		if err != nil {
			return nil, err
		}
		return outcome{"response": outcome{
			"version": fmt.Sprint(version.GetVersion()), "manifest_digest": version.GetManifestDigest(),
		}}, nil
	case "pull":
		pulled, err := client.Pull(ctx, op.Reference, op.Destination)
		if err != nil {
			return nil, err
		}
		return outcome{"response": outcome{"manifest_digest": pulled.ManifestDigest}}, nil
	case "resolve":
		return resolve(ctx, client, op)
	case "watch":
		return watch(ctx, client, op)
	case "log":
		return logPoints(ctx, client, op)
	}
	return outcome{"unsupported": "no operation '" + op.Op + "'"}, nil
}

func (d *driver) client(op *operation) (*runlore.Client, error) {
	key := [3]string{op.Address, op.Workspace, op.Cache}
	if client := d.clients[key]; client != nil {
		return client, nil
	}
	client, err := runlore.Dial(op.Address,
		runlore.WithWorkspace(op.Workspace), runlore.WithActor(""), runlore.WithCacheDir(op.Cache))
	if err == nil {
		d.clients[key] = client
	}
	return client, err
}

func manifestDigest(op *operation) (outcome, error) {
	var files []*runlorev1.FileEntry
	for _, text := range op.Files {
		file := &runlorev1.FileEntry{}
		if err := protojson.Unmarshal(text, file); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	manifest, err := runlore.ManifestOf(files)
	if err != nil {
		return nil, err
	}
	return outcome{"response": outcome{"digest": manifest.GetDigest()}}, nil
}

func resolve(ctx context.Context, client *runlore.Client, op *operation) (outcome, error) {
	request := &runlorev1.ResolveRequest{}
	if err := protojson.Unmarshal(op.Request, request); err != nil {
		return nil, err
	}
	answer, err := client.Resolve(ctx, request)
	if err != nil {
		return nil, err
	}
	text, err := toJSON(answer.ResolveResponse)
	return outcome{"response": text, "from_cache": answer.FromCache}, err
}

func watch(ctx context.Context, client *runlore.Client, op *operation) (outcome, error) {
	request := &runlorev1.WatchRequest{}
	if err := protojson.Unmarshal(op.Request, request); err != nil {
		return nil, err
	}
	events := []json.RawMessage{}
	if op.Take != nil && *op.Take == 0 {
		return outcome{"stream": events}, nil
	}
	for event, err := range client.Watch(ctx, request) {
		if err != nil {
			return nil, err
		}
		text, err := toJSON(event)
		if err != nil {
			return nil, err
		}
		if events = append(events, text); op.Take != nil && len(events) == *op.Take {
			break
		}
	}
	return outcome{"stream": events}, nil
}

func logPoints(ctx context.Context, client *runlore.Client, op *operation) (outcome, error) {
	var options []runlore.MetricWriterOption
	if op.WriterID != "" {
		options = append(options, runlore.WithWriterID(op.WriterID))
	}
	points := make([]runlore.Point, 0, len(op.Points))
	for _, columns := range op.Points {
		point, err := point(columns)
		if err != nil {
			return nil, err
		}
		points = append(points, point)
	}
	writer := client.NewMetricWriter(ctx, op.RunID, options...)
	err := writer.Write(ctx, points...)
	// Closed also when writing failed.
	if err := errors.Join(err, writer.Close(ctx)); err != nil {
		return nil, err
	}
	return outcome{"response": outcome{"committed_points": fmt.Sprint(writer.Committed())}}, nil
}

// toJSON is proto3 JSON with the names of the .proto files.
func toJSON(message proto.Message) (json.RawMessage, error) {
	return protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
}
