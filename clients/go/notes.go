package runlore

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
)

// notes are small files in the cache folder, each named by what it is about. A folder that cannot be written to stays as
// it is: a cache is no reason for a call to fail.
type notes struct{ root string }

// name of a note in a folder of the cache. The Python client names its own alike, so that both share known heads.
func (n notes) name(folder string, about ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(about, "\x00")))
	return filepath.Join(folder, hex.EncodeToString(sum[:]))
}

func (n notes) has(name string) bool {
	if n.root == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(n.root, name))
	return err == nil
}

func (n notes) load(name string) ([]byte, error) {
	if n.root == "" {
		return nil, os.ErrNotExist
	}
	return os.ReadFile(filepath.Join(n.root, name))
}

// keep replaces a note in one step, so that a reader sees this one or the one before.
func (n notes) keep(name string, data []byte) error {
	if n.root == "" {
		return nil
	}
	path := filepath.Join(n.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(data)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
