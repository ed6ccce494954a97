// Package testserver starts real servers, for tests, examples and measurements.
package testserver

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

var ready = regexp.MustCompile(`^runlore-server ready on (\S+:\d+) `)

// Server is one `runlore-server serve`, which can be stopped and started again on its address with what it had.
type Server struct {
	// Address is host:port.
	Address string
	// Data is its folder; artifacts are in the folder of that name below it.
	Data string
	// Env has variables of its own, as "NAME=value".
	Env []string

	flags   []string
	command *exec.Cmd
}

// Root returns the root of the checkout.
func Root() (string, error) {
	folder, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(folder, ".venv", "bin", "runlore-server")); err == nil {
			return folder, nil
		}
		if filepath.Dir(folder) == folder {
			return "", errors.New("no .venv/bin/runlore-server here or above: run `make install` at the top of the checkout")
		}
		folder = filepath.Dir(folder)
	}
	return "", err
}

// New returns a server that is not started yet: on a free port of 127.0.0.1, with its files in a folder.
func New(data string, flags ...string) *Server {
	return &Server{Address: "127.0.0.1:0", Data: data, flags: flags}
}

// Folder makes a folder in which a server can run, also when root starts it: its Postgres is then another user's.
func Folder() (string, error) {
	folder, err := os.MkdirTemp("", "runlore-")
	if err != nil {
		return "", err
	}
	return folder, os.Chmod(folder, 0o755)
}

// Start starts the server, and waits until it is ready. One that was stopped starts on the address that it had.
func (s *Server) Start() error {
	root, err := Root()
	if err != nil {
		return err
	}
	arguments := append([]string{"serve", "--listen", s.Address, "--data", s.Data}, s.flags...)
	s.command = exec.Command(filepath.Join(root, ".venv", "bin", "runlore-server"), arguments...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "RUNLORE_") && !strings.HasPrefix(variable, "AWS_") {
			s.command.Env = append(s.command.Env, variable)
		}
	}
	s.command.Env = append(s.command.Env, s.Env...)
	if err := os.MkdirAll(s.Data, 0o755); err != nil {
		return err
	}
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	s.command.Stderr = log
	output, err := s.command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.command.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if match := ready.FindStringSubmatch(lines.Text()); match != nil {
			s.Address = match[1]
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return nil
		}
	}
	_ = s.Kill()
	return fmt.Errorf("the server was not ready: %s", s.Log())
}

// Log returns what the server has logged, through all of its starts, while its folder is there.
func (s *Server) Log() string {
	log, err := os.ReadFile(s.logFile())
	if err != nil {
		return err.Error()
	}
	return string(log)
}

func (s *Server) logFile() string { return filepath.Join(s.Data, "server.log") }

// Stop ends the server in good order.
func (s *Server) Stop() error { return s.end(syscall.SIGTERM) }

// Kill ends the server as `kill -9` does.
func (s *Server) Kill() error { return s.end(syscall.SIGKILL) }

func (s *Server) end(signal os.Signal) error {
	if s.command == nil || s.command.ProcessState != nil {
		return nil
	}
	if err := s.command.Process.Signal(signal); err != nil {
		return err
	}
	late := time.AfterFunc(30*time.Second, func() { _ = s.command.Process.Kill() })
	defer late.Stop()
	err := s.command.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && signal == syscall.SIGKILL {
		return nil
	}
	return err
}
