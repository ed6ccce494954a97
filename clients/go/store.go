package runlore

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Bytes straight between this client and an object store, over presigned URLs.

const (
	// storeTries is how often a chunk is asked of the store before the server is asked to pass it on.
	storeTries = 3
	// storeIdle is how long the store may keep a transfer waiting.
	storeIdle = 60 * time.Second
)

func newStore(config *tls.Config) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = transfersAtOnce
	transport.ResponseHeaderTimeout = storeIdle
	if config != nil && config.RootCAs != nil {
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: config.RootCAs}
	}
	return &http.Client{
		Transport: transport,
		// A signature is for one address.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// storeError is an answer, or none, of the object store. Neither a URL nor its signature is in it.
type storeError struct {
	status int // 0: it could not be reached
	cause  error
}

func (e *storeError) Error() string {
	if e.status == 0 {
		return fmt.Sprintf("the object store cannot be reached: %v", e.cause)
	}
	return fmt.Sprintf("the object store answered %d %s", e.status, http.StatusText(e.status))
}

// expired reports whether another URL may do.
func (e *storeError) expired() bool {
	return e.status == http.StatusUnauthorized || e.status == http.StatusForbidden
}

// storePut stores a blob; the headers are part of the URL's signature.
func storePut(ctx context.Context, client *http.Client, target string, headers map[string]string, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, blobTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, target, bytes.NewReader(data))
	if err != nil {
		return &storeError{cause: withoutURL(err)}
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		return &storeError{cause: withoutURL(err)}
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 1<<16)
	if response.StatusCode/100 != 2 {
		return &storeError{status: response.StatusCode}
	}
	return nil
}

// storeGet writes a blob's bytes to a sink.
func storeGet(ctx context.Context, client *http.Client, target string, sink io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return &storeError{cause: withoutURL(err)}
	}
	response, err := client.Do(request)
	if err != nil {
		return &storeError{cause: withoutURL(err)}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		_, _ = io.CopyN(io.Discard, response.Body, 1<<16)
		return &storeError{status: response.StatusCode}
	}
	idle := time.AfterFunc(storeIdle, cancel)
	defer idle.Stop()
	buffer := make([]byte, 256<<10)
	for {
		n, err := response.Body.Read(buffer)
		idle.Reset(storeIdle)
		if n > 0 {
			if _, err := sink.Write(buffer[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &storeError{status: response.StatusCode, cause: err}
		}
	}
}

func withoutURL(err error) error {
	if e, ok := err.(*url.Error); ok {
		return e.Err
	}
	return err
}
