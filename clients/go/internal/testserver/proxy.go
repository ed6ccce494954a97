package testserver

import (
	"io"
	"net"
	"sync"
)

// Proxy passes TCP connections on to an address. It can cut them all, and it can fall silent.
type Proxy struct {
	// Address is host:port.
	Address string

	listener net.Listener
	target   string
	mu       sync.Mutex
	open     map[net.Conn]struct{}
	silent   *sync.Cond
	isSilent bool
	closed   bool
}

// StartProxy listens on a free port of 127.0.0.1.
func StartProxy(target string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{Address: listener.Addr().String(), listener: listener, target: target, open: map[net.Conn]struct{}{}}
	p.silent = sync.NewCond(&p.mu)
	go p.accept()
	return p, nil
}

func (p *Proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = near.Close()
			continue
		}
		p.mu.Lock()
		p.open[near], p.open[far] = struct{}{}, struct{}{}
		p.mu.Unlock()
		go p.pass(near, far)
		go p.pass(far, near)
	}
}

func (p *Proxy) pass(from, to net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		for p.isSilent && !p.closed {
			p.silent.Wait()
		}
		p.mu.Unlock()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	_, _ = from.Close(), to.Close()
	p.mu.Lock()
	delete(p.open, from)
	p.mu.Unlock()
}

// Cut closes every connection; new ones are taken.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.open {
		_ = conn.Close()
	}
}

// Silence holds back everything, or lets it pass again. Connections stay open.
func (p *Proxy) Silence(silent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.isSilent = silent
	p.silent.Broadcast()
}

// Open returns how many sockets the proxy has open.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.open)
}

// Close ends the proxy and every connection.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.Cut()
	p.mu.Lock()
	p.closed = true
	p.silent.Broadcast()
	p.mu.Unlock()
	return err
}

var _ io.Closer = (*Proxy)(nil)
