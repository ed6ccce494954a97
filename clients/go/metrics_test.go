package runlore_test

import (
	"context"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	runlore "github.com/runlore/runlore/clients/go"
	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
	"github.com/runlore/runlore/clients/go/internal/testserver"
)

func newRun(ctx context.Context, t *testing.T, client *runlore.Client) string {
	t.Helper()
	response, err := client.Tracking.CreateRun(ctx, &runlorev1.CreateRunRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return response.GetRun().GetRunId()
}

// stored reads back series of a run, every one unless keys are named.
func stored(
	ctx context.Context, t *testing.T, client *runlore.Client, run string, keys ...string,
) map[string]*runlorev1.MetricSeries {
	t.Helper()
	stream, err := client.Tracking.GetMetricHistory(ctx,
		&runlorev1.GetMetricHistoryRequest{RunIds: []string{run}, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*runlorev1.MetricSeries{}
	for {
		response, err := stream.Recv()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		series := all[response.GetSeries().GetKey()]
		if series == nil {
			series = &runlorev1.MetricSeries{}
			all[response.GetSeries().GetKey()] = series
		}
		series.Steps = append(series.Steps, response.GetSeries().GetSteps()...)
		series.TimesUnixUs = append(series.TimesUnixUs, response.GetSeries().GetTimesUnixUs()...)
		series.Values = append(series.Values, response.GetSeries().GetValues()...)
	}
}

// curve is the points of three keys, in turn.
func curve(count int) []runlore.Point {
	points := make([]runlore.Point, count)
	for i := range points {
		points[i] = runlore.Point{
			Key: "key" + strconv.Itoa(i%3), Step: int64(i / 3), Time: time.UnixMicro(1_700_000_000_000_000 + int64(i)),
			Value: float64(i),
		}
	}
	return points
}

func checkCurve(t *testing.T, found map[string]*runlorev1.MetricSeries, points []runlore.Point) {
	t.Helper()
	next := map[string]int{}
	for _, point := range points {
		series, i := found[point.Key], next[point.Key]
		if i >= len(series.GetValues()) {
			t.Fatalf("%s has %d points, one is missing", point.Key, len(series.GetValues()))
		}
		if series.Steps[i] != point.Step || series.TimesUnixUs[i] != point.Time.UnixMicro() ||
			math.Float64bits(series.Values[i]) != math.Float64bits(point.Value) {
			t.Fatalf("point %d of %s is (%d, %d, %g), not %+v", i, point.Key,
				series.Steps[i], series.TimesUnixUs[i], series.Values[i], point)
		}
		next[point.Key]++
	}
	for key, series := range found {
		if len(series.Values) != next[key] {
			t.Fatalf("%s has %d points, %d were written", key, len(series.Values), next[key])
		}
	}
}

func TestEachPointIsStoredOnceThroughCutsAndAKill(t *testing.T) {
	noLeaks(t)
	server := ownServer(t)
	proxy := proxyTo(t, server.Address)
	workspace := runlore.WithWorkspace("w")
	direct := dial(t, server.Address, workspace)
	ctx := within(t, 4*time.Minute)
	run := newRun(ctx, t, direct)
	writer := dial(t, proxy.Address, workspace).NewMetricWriter(ctx, run, runlore.WithBuffer(2_000))
	points := curve(30_000)
	for part := 0; part < len(points); part += 500 {
		if err := writer.Write(ctx, points[part:part+500]...); err != nil {
			t.Fatal(err)
		}
		switch {
		case part == 15_000:
			restart(t, server)
		case part%2_000 == 0:
			proxy.Cut()
		}
	}
	if err := writer.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if writer.Committed() != int64(len(points)) {
		t.Errorf("%d of %d are committed", writer.Committed(), len(points))
	}
	checkCurve(t, stored(ctx, t, direct, run), points)
	if err := writer.Write(ctx, points[0]); err == nil {
		t.Error("a closed writer takes points")
	}
	if err := writer.Close(ctx); err != nil {
		t.Errorf("closed again: %v", err)
	}
}

func restart(t *testing.T, server *testserver.Server) {
	t.Helper()
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	start(t, server)
}

func TestTheSamePointsOfTheSameWriterAreStoredOnce(t *testing.T) {
	noLeaks(t)
	client := dial(t, sharedServer(t).Address)
	ctx := within(t, time.Minute)
	run := newRun(ctx, t, client)
	points := curve(900)
	points[7].Value, points[8].Value, points[9].Value = math.NaN(), math.Inf(1), math.Inf(-1)
	for _, count := range []int{300, 900} {
		writer := client.NewMetricWriter(ctx, run, runlore.WithWriterID("evaluation"))
		for _, point := range points[:count] {
			if err := writer.Write(ctx, point); err != nil {
				t.Fatal(err)
			}
		}
		if err := writer.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		if err := writer.Close(ctx); err != nil {
			t.Fatal(err)
		}
	}
	checkCurve(t, stored(ctx, t, client, run), points)
}

func TestAFullBufferMakesTheWriterWait(t *testing.T) {
	noLeaks(t)
	proxy := proxyTo(t, sharedServer(t).Address)
	client := dial(t, proxy.Address, runlore.WithTimeout(2*time.Second))
	ctx := within(t, time.Minute)
	run := newRun(ctx, t, client)
	proxy.Silence(true)
	writer := client.NewMetricWriter(ctx, run, runlore.WithBuffer(100))
	points := curve(300)
	err := inTime(t, 10*time.Second, func() error { return writer.Write(within(t, time.Second), points...) })
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "100 of 300 points") {
		t.Fatalf("expected to be told how many were taken: %v", err)
	}
	proxy.Silence(false)
	// A server that answers again after the client gave the stream up.
	if err := writer.Write(ctx, points[100:]...); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(ctx); err != nil {
		t.Fatal(err)
	}
	checkCurve(t, stored(ctx, t, client, run), points)
}

func TestAWriterIsToldThatItsPointsAreRefused(t *testing.T) {
	noLeaks(t)
	client := dial(t, sharedServer(t).Address)
	ctx := within(t, time.Minute)
	writer := client.NewMetricWriter(ctx, strings.Repeat("0", 32))
	if err := writer.Write(ctx, runlore.Point{Key: "a\nb"}); asError(t, err).Reason != "INVALID_FIELD" {
		t.Errorf("expected INVALID_FIELD: %v", err)
	}
	_ = writer.Write(ctx, curve(3)...)
	if err := writer.Flush(ctx); !runlore.HasReason(err, runlorev1.ErrorReason_ERROR_REASON_RUN_NOT_FOUND) {
		t.Errorf("expected RUN_NOT_FOUND: %v", err)
	}
	if err := writer.Close(ctx); !runlore.HasReason(err, runlorev1.ErrorReason_ERROR_REASON_RUN_NOT_FOUND) {
		t.Errorf("expected RUN_NOT_FOUND: %v", err)
	}
}

func TestMoreKeysThanAStreamHolds(t *testing.T) {
	client := dial(t, sharedServer(t).Address)
	ctx := within(t, time.Minute)
	run := newRun(ctx, t, client)
	writer := client.NewMetricWriter(ctx, run)
	points := make([]runlore.Point, 10_050)
	for i := range points {
		points[i] = runlore.Point{Key: "k" + strconv.Itoa(i), Time: time.UnixMicro(int64(i)), Value: float64(i)}
	}
	if err := writer.Write(ctx, points...); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(ctx); err != nil {
		t.Fatal(err)
	}
	// Those around the place where another stream begins.
	some := points[9_990:10_010]
	keys := make([]string, len(some))
	for i, point := range some {
		keys[i] = point.Key
	}
	checkCurve(t, stored(ctx, t, client, run, keys...), some)
	if writer.Committed() != int64(len(points)) {
		t.Errorf("%d of %d are committed", writer.Committed(), len(points))
	}
}
