package runlore

import (
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// maxMessageBytes is ServerLimits.max_message_bytes of every server so far.
const maxMessageBytes = 32 << 20

// Client is a connection to a Runlore server: a stub for each service, and what a stub cannot give as methods. It is
// safe for concurrent use, and cheap to keep: make one for a process.
type Client struct {
	Artifacts    runlorev1.ArtifactServiceClient
	Events       runlorev1.EventServiceClient
	LoggedModels runlorev1.LoggedModelServiceClient
	Registry     runlorev1.RegistryServiceClient
	Server       runlorev1.ServerServiceClient
	Tracking     runlorev1.TrackingServiceClient

	conn     *grpc.ClientConn
	settings *settings
	store    *http.Client // for presigned URLs
	notes    notes
	mu       sync.Mutex
	heads    map[string]head    // by notes.name
	answers  map[string]written // by notes.name
}

// Dial makes a client of the server at an address, "host:port"; empty takes RUNLORE_ADDRESS, else [DefaultAddress]. It
// does not wait for the server: the first call connects. It fails only for settings that make no sense.
func Dial(address string, options ...Option) (*Client, error) {
	s, err := load(address, options)
	if err != nil {
		return nil, err
	}
	transport := insecure.NewCredentials()
	if s.tls != nil {
		transport = credentials.NewTLS(s.tls.Clone())
	}
	dial := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultServiceConfig(serviceConfig()),
		// Which calls are tried again is for the contract to say, not for a DNS record.
		grpc.WithDisableServiceConfig(),
		grpc.WithMaxCallAttempts(maxAttempts),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(maxMessageBytes), grpc.MaxCallSendMsgSize(maxMessageBytes)),
		// Finds a connection that a firewall dropped silently while a call waits on it.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		// Reconnects soon after a restart; gRPC's own pace grows to two minutes.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 500 * time.Millisecond,
			},
			MinConnectTimeout: 10 * time.Second,
		}),
		grpc.WithChainUnaryInterceptor(s.unary),
		grpc.WithChainStreamInterceptor(s.stream),
		grpc.WithUserAgent("runlore-go"),
	}
	if s.credentials != nil {
		dial = append(dial, grpc.WithPerRPCCredentials(s.credentials))
	}
	conn, err := grpc.NewClient(s.address, append(dial, s.dialOptions...)...)
	if err != nil {
		return nil, fromRPC(err, s.address)
	}
	return &Client{
		Artifacts:    runlorev1.NewArtifactServiceClient(conn),
		Events:       runlorev1.NewEventServiceClient(conn),
		LoggedModels: runlorev1.NewLoggedModelServiceClient(conn),
		Registry:     runlorev1.NewRegistryServiceClient(conn),
		Server:       runlorev1.NewServerServiceClient(conn),
		Tracking:     runlorev1.NewTrackingServiceClient(conn),
		conn:         conn,
		settings:     s,
		store:        newStore(s.tls),
		notes:        notes{s.cacheDir},
		heads:        map[string]head{},
		answers:      map[string]written{},
	}, nil
}

// Conn returns the connection, for generated stubs that take one; calls over it are the client's like any other.
func (c *Client) Conn() grpc.ClientConnInterface { return c.conn }

// Close ends the connection; calls in flight end as cancelled.
func (c *Client) Close() error {
	c.store.CloseIdleConnections()
	return c.conn.Close()
}
