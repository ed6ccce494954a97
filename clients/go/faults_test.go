package runlore_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	runlore "github.com/runlore/runlore/clients/go"
	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

func asError(t *testing.T, err error) *runlore.Error {
	t.Helper()
	var e *runlore.Error
	if !errors.As(err, &e) {
		t.Fatalf("expected a *runlore.Error, got %T: %v", err, err)
	}
	return e
}

// inTime runs something that must not outlast a time.
func inTime(t *testing.T, most time.Duration, do func() error) error {
	t.Helper()
	began := time.Now()
	err := do()
	if took := time.Since(began); took > most {
		t.Errorf("took %s, more than %s: %v", took, most, err)
	}
	return err
}

func TestARefusalIsTyped(t *testing.T) {
	noLeaks(t)
	client := dial(t, sharedServer(t).Address)
	_, err := client.Registry.GetRegisteredModel(within(t, time.Minute), &runlorev1.GetRegisteredModelRequest{Name: "m"})
	e := asError(t, err)
	if e.Code != codes.NotFound || e.Reason != "MODEL_NOT_FOUND" || e.Metadata["model_name"] != "m" ||
		e.Metadata["trace_id"] == "" || status.Code(err) != codes.NotFound {
		t.Errorf("not all of it: %+v", e)
	}
	if !runlore.HasReason(err, runlorev1.ErrorReason_ERROR_REASON_MODEL_NOT_FOUND) {
		t.Error("HasReason does not find the reason")
	}
	_, err = client.Tracking.GetRun(within(t, time.Minute), &runlorev1.GetRunRequest{RunId: "no"})
	e = asError(t, err)
	if e.Reason != "INVALID_FIELD" || len(e.Violations) != 1 || e.Violations[0].GetField() != "run_id" {
		t.Errorf("no violation of run_id: %+v", e)
	}
	stream, err := client.Tracking.GetMetricHistory(within(t, time.Minute),
		&runlorev1.GetMetricHistoryRequest{RunIds: []string{strings.Repeat("0", 32)}})
	if err == nil {
		_, err = stream.Recv()
	}
	if asError(t, err).Reason != "RUN_NOT_FOUND" {
		t.Errorf("not typed in a stream: %v", err)
	}
}

func TestWhatARetryCannotCureIsNotTriedAgain(t *testing.T) {
	client := dial(t, sharedServer(t).Address)
	ctx := within(t, time.Minute)
	run, err := client.Tracking.CreateRun(ctx, &runlorev1.CreateRunRequest{})
	if err != nil {
		t.Fatal(err)
	}
	request := &runlorev1.LogBatchRequest{RunId: run.GetRun().GetRunId(), WriterId: "w", Sequence: 1}
	for key := range 2 {
		many := make([]int64, 600_000)
		request.Series = append(request.Series, &runlorev1.MetricSeries{
			Key: string(rune('a' + key)), Steps: many, TimesUnixUs: many, Values: make([]float64, len(many)),
		})
	}
	var calls atomic.Int64
	counted := dial(t, sharedServer(t).Address, runlore.WithDialOptions(grpc.WithStatsHandler(attempts{&calls})))
	_, err = counted.Tracking.LogBatch(ctx, request)
	if e := asError(t, err); e.Code != codes.ResourceExhausted || e.Reason != "BATCH_TOO_LARGE" {
		t.Errorf("expected BATCH_TOO_LARGE: %v", err)
	}
	if calls.Load() != 1 {
		t.Errorf("it was sent %d times", calls.Load())
	}
}

func TestAnAbsentServerIsAnError(t *testing.T) {
	noLeaks(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	client := dial(t, address)
	err = inTime(t, 15*time.Second, func() error {
		_, err := client.Server.GetServerInfo(context.Background(), &runlorev1.GetServerInfoRequest{})
		return err
	})
	if e := asError(t, err); e.Code != codes.Unavailable || !strings.Contains(e.Message, address) {
		t.Errorf("expected UNAVAILABLE with the address: %v", err)
	}
	err = inTime(t, 3*time.Second, func() error {
		_, err := client.Server.GetServerInfo(within(t, time.Second), &runlorev1.GetServerInfoRequest{})
		return err
	})
	if code := asError(t, err).Code; code != codes.Unavailable && code != codes.DeadlineExceeded {
		t.Errorf("expected an error of absence: %v", err)
	}
	for _, err := range client.Watch(within(t, time.Second), &runlorev1.WatchRequest{}) {
		asError(t, err)
	}
	writer := client.NewMetricWriter(context.Background(), strings.Repeat("0", 32))
	if err := writer.Write(within(t, time.Second), runlore.Point{Key: "loss"}); err != nil {
		t.Fatal(err)
	}
	err = inTime(t, 3*time.Second, func() error { return writer.Close(within(t, time.Second)) })
	if !strings.Contains(err.Error(), "1 of 1 points") {
		t.Errorf("does not tell what is lost: %v", err)
	}
	asError(t, err)
}

func TestASlowServerIsAnErrorAtTheDeadline(t *testing.T) {
	noLeaks(t)
	proxy := proxyTo(t, sharedServer(t).Address)
	client := dial(t, proxy.Address, runlore.WithTimeout(time.Second))
	if _, err := client.Server.GetServerInfo(within(t, time.Minute), &runlorev1.GetServerInfoRequest{}); err != nil {
		t.Fatal(err)
	}
	watching, err := client.Events.Watch(context.Background(), &runlorev1.WatchRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watching.Recv(); err != nil {
		t.Fatal(err)
	}
	proxy.Silence(true)
	defer proxy.Silence(false)
	calls := map[string]func() error{
		"unary": func() error {
			_, err := client.Server.GetServerInfo(context.Background(), &runlorev1.GetServerInfoRequest{})
			return err
		},
		"stream": func() error {
			stream, err := client.Artifacts.ReadBlob(context.Background(),
				&runlorev1.ReadBlobRequest{Sha256: strings.Repeat("0", 64)})
			if err != nil {
				return err
			}
			_, err = stream.Recv()
			return err
		},
		"silent watch": func() error {
			_, err := watching.Recv()
			return err
		},
	}
	for name, call := range calls {
		err := inTime(t, 15*time.Second, call)
		if e := asError(t, err); e.Code != codes.DeadlineExceeded || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: expected DEADLINE_EXCEEDED: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	err = inTime(t, time.Second, func() error {
		_, err := client.Server.GetServerInfo(ctx, &runlorev1.GetServerInfoRequest{})
		return err
	})
	if asError(t, err).Code != codes.Canceled || !errors.Is(err, context.Canceled) {
		t.Errorf("expected CANCELLED: %v", err)
	}
}

func TestClosingLeavesNoSocket(t *testing.T) {
	noLeaks(t)
	proxy := proxyTo(t, sharedServer(t).Address)
	client := dial(t, proxy.Address)
	if _, err := client.Server.GetServerInfo(within(t, time.Minute), &runlorev1.GetServerInfoRequest{}); err != nil {
		t.Fatal(err)
	}
	if proxy.Open() == 0 {
		t.Fatal("the proxy was not used")
	}
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, func() bool { return proxy.Open() == 0 })
	_, err := client.Server.GetServerInfo(within(t, time.Minute), &runlorev1.GetServerInfoRequest{})
	asError(t, err)
}

func eventually(t *testing.T, most time.Duration, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(most); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("did not hold within %s", most)
		}
	}
}

func TestAnOlderServerIsAnError(t *testing.T) {
	noLeaks(t)
	client := dial(t, serveOlder(t, older{}))
	ctx := within(t, 30*time.Second)
	_, err := client.Resolve(ctx, &runlorev1.ResolveRequest{Reference: "models:/m@champion"})
	if e := asError(t, err); e.Code != codes.Unimplemented || !strings.Contains(e.Message, "as new as this client") {
		t.Errorf("expected UNIMPLEMENTED: %v", err)
	}
	for _, err := range client.Watch(ctx, &runlorev1.WatchRequest{}) {
		if asError(t, err).Code != codes.Unimplemented {
			t.Errorf("expected UNIMPLEMENTED: %v", err)
		}
	}
	writer := client.NewMetricWriter(ctx, strings.Repeat("0", 32))
	_ = writer.Write(ctx, runlore.Point{Key: "loss"})
	if err := writer.Close(ctx); asError(t, err).Code != codes.Unimplemented {
		t.Errorf("expected UNIMPLEMENTED: %v", err)
	}
}

func TestCallsOutliveGoaway(t *testing.T) {
	noLeaks(t)
	address := serveOlder(t, older{}, grpc.KeepaliveParams(keepalive.ServerParameters{
		MaxConnectionAge: 50 * time.Millisecond, MaxConnectionAgeGrace: 50 * time.Millisecond,
	}))
	client := dial(t, address)
	for end := time.Now().Add(time.Second); time.Now().Before(end); {
		if _, err := client.Server.GetServerInfo(within(t, 10*time.Second), &runlorev1.GetServerInfoRequest{}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCallsCarryWorkspaceAndActor(t *testing.T) {
	service := older{seen: make(chan metadata.MD, 1)}
	address := serveOlder(t, service)
	client := dial(t, address, runlore.WithWorkspace("team"), runlore.WithActor("service:deploy"))
	ctx := within(t, 10*time.Second)
	if _, err := client.Server.GetServerInfo(ctx, &runlorev1.GetServerInfoRequest{}); err != nil {
		t.Fatal(err)
	}
	seen := <-service.seen
	if strings.Join(seen.Get("runlore-workspace"), "") != "team" || strings.Join(seen.Get("runlore-actor"), "") != "service:deploy" {
		t.Errorf("not the client's: %v", seen)
	}
	ctx = metadata.AppendToOutgoingContext(ctx, "runlore-workspace", "other")
	if _, err := client.Server.GetServerInfo(ctx, &runlorev1.GetServerInfoRequest{}); err != nil {
		t.Fatal(err)
	}
	if seen = <-service.seen; strings.Join(seen.Get("runlore-workspace"), ",") != "other" {
		t.Errorf("the caller's own workspace does not count: %v", seen)
	}
}

func TestTLS(t *testing.T) {
	noLeaks(t)
	folder, err := filepath.Abs(filepath.Join("..", "..", "tests", "data", "tls"))
	if err != nil {
		t.Fatal(err)
	}
	server := ownServer(t, "--tls-cert", filepath.Join(folder, "localhost.crt"), "--tls-key", filepath.Join(folder, "localhost.key"))
	pem, err := os.ReadFile(filepath.Join(folder, "localhost.crt"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	trusting := dial(t, server.Address, runlore.WithTLS(&tls.Config{RootCAs: roots}))
	if _, err := trusting.Server.GetServerInfo(within(t, time.Minute), &runlorev1.GetServerInfoRequest{}); err != nil {
		t.Fatal(err)
	}
	for name, option := range map[string]runlore.Option{
		"a name that does not match": runlore.WithTLS(&tls.Config{RootCAs: roots, ServerName: "registry.example"}),
		"an unknown authority":       runlore.WithTLS(nil),
	} {
		err := inTime(t, 15*time.Second, func() error {
			_, err := dial(t, server.Address, option).Server.GetServerInfo(context.Background(), &runlorev1.GetServerInfoRequest{})
			return err
		})
		if e := asError(t, err); e.Code != codes.Unavailable || !strings.Contains(e.Message, "TLS handshake failed") {
			t.Errorf("%s: %v", name, err)
		}
	}
	err = inTime(t, 15*time.Second, func() error {
		_, err := dial(t, server.Address).Server.GetServerInfo(context.Background(), &runlorev1.GetServerInfoRequest{})
		return err
	})
	asError(t, err)
}

func TestAddressesAndSettings(t *testing.T) {
	for _, address := range []string{"http://host:1", "host:port", "host:0", "host:70000", "a b:1", ":7410"} {
		if _, err := runlore.Dial(address); err == nil || asError(t, err).Reason != "INVALID_FIELD" {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, address := range []string{"host", "host:1", "[::1]:7410", "::1", ""} {
		client, err := runlore.Dial(address)
		if err != nil {
			t.Errorf("%q: %v", address, err)
			continue
		}
		_ = client.Close()
	}
	t.Setenv("RUNLORE_TLS", "maybe")
	if _, err := runlore.Dial("host"); err == nil || asError(t, err).Violations[0].GetField() != "RUNLORE_TLS" {
		t.Errorf("RUNLORE_TLS=maybe: %v", err)
	}
}
