package runlore_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// attempts counts what is sent, retries included.
type attempts struct{ count *atomic.Int64 }

func (attempts) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

func (a attempts) HandleRPC(_ context.Context, event stats.RPCStats) {
	if _, ok := event.(*stats.Begin); ok {
		a.count.Add(1)
	}
}

func (attempts) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

func (attempts) HandleConn(context.Context, stats.ConnStats) {}

// older is a server from before most of the contract.
type older struct {
	runlorev1.UnimplementedServerServiceServer
	seen chan metadata.MD
}

func (o older) GetServerInfo(ctx context.Context, _ *runlorev1.GetServerInfoRequest) (*runlorev1.GetServerInfoResponse, error) {
	if given, ok := metadata.FromIncomingContext(ctx); ok && o.seen != nil {
		select {
		case o.seen <- given:
		default:
		}
	}
	return &runlorev1.GetServerInfoResponse{Version: "0"}, nil
}

func serveOlder(t *testing.T, service older, options ...grpc.ServerOption) string {
	t.Helper()
	return serve(t, func(server *grpc.Server) { runlorev1.RegisterServerServiceServer(server, service) }, options...)
}

// serve runs a server of Go's gRPC, for what a real server does not do.
func serve(t *testing.T, register func(*grpc.Server), options ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	register(server)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Stop(); <-ended })
	return listener.Addr().String()
}

// recording notes each stream that is opened.
func recording(methods *[]string) grpc.DialOption {
	var mu sync.Mutex
	return grpc.WithChainStreamInterceptor(func(
		ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer,
		options ...grpc.CallOption,
	) (grpc.ClientStream, error) {
		mu.Lock()
		*methods = append(*methods, method)
		mu.Unlock()
		return open(ctx, desc, cc, method, options...)
	})
}
