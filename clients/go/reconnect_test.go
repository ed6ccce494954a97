package runlore_test

import (
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// watched sends one position, and no more until the stream ends.
type watched struct {
	runlorev1.UnimplementedEventServiceServer
}

func (watched) Watch(_ *runlorev1.WatchRequest, stream grpc.ServerStreamingServer[runlorev1.WatchResponse]) error {
	if err := stream.Send(&runlorev1.WatchResponse{Position: "here"}); err != nil {
		return err
	}
	<-stream.Context().Done()
	return stream.Context().Err()
}

// The pace of reconnecting is the client's alone, and a server in this process starts at once.
func TestAWatchIsBackSoonAfterARestart(t *testing.T) {
	noLeaks(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	serving := func(listener net.Listener) *grpc.Server {
		server := grpc.NewServer()
		runlorev1.RegisterEventServiceServer(server, watched{})
		go func() { _ = server.Serve(listener) }()
		return server
	}
	server := serving(listener)
	type restarted struct {
		server *grpc.Server
		ready  time.Time
		err    error
	}
	restarts := make(chan restarted, 1)
	count := 0
	for _, err := range dial(t, address).WatchResponses(within(t, time.Minute), &runlorev1.WatchRequest{}) {
		now := time.Now()
		if err != nil {
			t.Fatal(err)
		}
		if count > 0 {
			last := <-restarts
			if server = last.server; last.err != nil {
				t.Fatal(last.err)
			}
			if took := now.Sub(last.ready); took > time.Second {
				t.Errorf("back after %s", took)
			}
		}
		if count++; count > 3 {
			break
		}
		server.Stop()
		// Away for long enough that a pace which grows would have grown.
		time.AfterFunc(2*time.Second, func() {
			listener, err := net.Listen("tcp", address)
			if err != nil {
				restarts <- restarted{err: err}
				return
			}
			restarts <- restarted{serving(listener), time.Now(), nil}
		})
	}
	server.Stop()
}
