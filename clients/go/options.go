package runlore

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

const (
	// DefaultAddress is where a client connects when neither Dial nor RUNLORE_ADDRESS says otherwise.
	DefaultAddress = "127.0.0.1:7410"
	defaultTimeout = 30 * time.Second
)

// Option changes how [Dial] connects. An option has precedence over its environment variable.
type Option func(*settings)

type settings struct {
	address     string
	workspace   string
	actor       string
	tls         *tls.Config // nil: plaintext
	timeout     time.Duration
	cacheDir    string // empty: none
	logger      *slog.Logger
	credentials credentials.PerRPCCredentials
	dialOptions []grpc.DialOption
}

// WithWorkspace sets the workspace of calls whose request and context name none (RUNLORE_WORKSPACE; else the server's
// default).
func WithWorkspace(workspace string) Option { return func(s *settings) { s.workspace = workspace } }

// WithActor sets who is calling, as "<kind>:<id>" with the kind user, service or run (RUNLORE_ACTOR; else
// "user:<login>"). Empty sends none.
func WithActor(actor string) Option { return func(s *settings) { s.actor = actor } }

// WithTLS turns TLS on with a configuration; nil is the usual one, which trusts the system's authorities. Without this
// option and RUNLORE_TLS, TLS is on for addresses beyond loopback. RUNLORE_CA names a file of PEM certificates to trust
// in place of the system's.
func WithTLS(config *tls.Config) Option {
	return func(s *settings) {
		if config == nil {
			config = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		s.tls = config
	}
}

// WithPlaintext turns TLS off, also for an address beyond loopback.
func WithPlaintext() Option { return func(s *settings) { s.tls = nil } }

// WithTimeout sets what a call may take when its context has no deadline, its retries included: 30 seconds unless set.
// For a stream of answers it is how long the next one may take.
func WithTimeout(timeout time.Duration) Option { return func(s *settings) { s.timeout = timeout } }

// WithCacheDir sets the folder of last-known-good answers and of known history heads (RUNLORE_CACHE; else the folder
// runlore below the user's cache folder). It may be shared with other processes and with the Python client. Empty turns
// the cache off.
func WithCacheDir(folder string) Option { return func(s *settings) { s.cacheDir = folder } }

// WithPerRPCCredentials adds credentials to each call.
func WithPerRPCCredentials(c credentials.PerRPCCredentials) Option {
	return func(s *settings) { s.credentials = c }
}

// WithLogger sets where the client says that it goes on with less than it wants, such as an answer from its cache:
// slog.Default() unless set.
func WithLogger(logger *slog.Logger) Option { return func(s *settings) { s.logger = logger } }

// WithDialOptions adds gRPC's own options, which have the last word.
func WithDialOptions(options ...grpc.DialOption) Option {
	return func(s *settings) { s.dialOptions = append(s.dialOptions, options...) }
}

func load(address string, options []Option) (*settings, error) {
	field := "address"
	if address == "" {
		field, address = "RUNLORE_ADDRESS", os.Getenv("RUNLORE_ADDRESS")
	}
	if address == "" {
		address = DefaultAddress
	}
	host, target, err := parseAddress(field, address)
	if err != nil {
		return nil, err
	}
	s := &settings{
		address: target, workspace: os.Getenv("RUNLORE_WORKSPACE"), actor: os.Getenv("RUNLORE_ACTOR"),
		timeout: defaultTimeout, cacheDir: defaultCacheDir(), logger: slog.Default(),
	}
	if s.actor == "" {
		s.actor = login()
	}
	if s.tls, err = environmentTLS(host); err != nil {
		return nil, err
	}
	for _, option := range options {
		option(s)
	}
	for name, value := range map[string]string{"workspace": s.workspace, "actor": s.actor} {
		if !printable(value) {
			return nil, invalid(name, "has characters other than printable ASCII")
		}
	}
	if s.timeout <= 0 {
		return nil, invalid("timeout", "is not more than 0")
	}
	return s, nil
}

func environmentTLS(host string) (*tls.Config, error) {
	on := !isLoopback(host)
	if value := os.Getenv("RUNLORE_TLS"); value != "" {
		var err error
		if on, err = strconv.ParseBool(value); err != nil {
			return nil, invalid("RUNLORE_TLS", "is '"+value+"': give 1 or 0")
		}
	}
	if !on {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if file := os.Getenv("RUNLORE_CA"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, invalid("RUNLORE_CA", "cannot be read: "+err.Error())
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, invalid("RUNLORE_CA", "has no PEM certificate: '"+file+"'")
		}
	}
	return config, nil
}

func parseAddress(field, address string) (host, target string, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		// Without a port; an IPv6 address may come in brackets or bare.
		host, port = strings.TrimSuffix(strings.TrimPrefix(address, "["), "]"), ""
		if strings.Contains(host, ":") && net.ParseIP(host) == nil {
			host = ""
		}
	}
	if port == "" {
		_, port, _ = net.SplitHostPort(DefaultAddress)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 || host == "" || strings.ContainsAny(host, "/ \t\r\n") {
		return "", "", invalid(field, "is '"+address+"': give host:port, such as "+DefaultAddress)
	}
	return host, net.JoinHostPort(host, port), nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func printable(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

func login() string {
	if u, err := user.Current(); err == nil && u.Username != "" && printable(u.Username) {
		return "user:" + u.Username
	}
	// A container may run under a number that no account has.
	return "user:unknown"
}

func defaultCacheDir() string {
	if folder := os.Getenv("RUNLORE_CACHE"); folder != "" {
		return folder
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(base, "runlore")
}
