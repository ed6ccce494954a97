package runlore

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// Files of a folder, on their way up and down. Everything goes through an os.Root: no path and no link leaves it.

// scan returns every file below a folder, in the order of the names. Links within the folder are followed.
func scan(root *os.Root) ([]string, error) {
	var files []string
	var walk func(folder string, above []fs.FileInfo) error
	walk = func(folder string, above []fs.FileInfo) error {
		here, err := root.Stat(folder)
		if err != nil {
			return err
		}
		for _, other := range above {
			if os.SameFile(other, here) {
				return invalid("folder", fmt.Sprintf("the link '%s' leads back into a folder that holds it", folder))
			}
		}
		entries, err := fs.ReadDir(root.FS(), folder)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			name := path.Join(folder, entry.Name())
			found, err := root.Stat(name)
			if err != nil {
				return invalid("folder", fmt.Sprintf("'%s' cannot be read, or leads out of the folder: %v", name, err))
			}
			if found.IsDir() {
				if err := walk(name, append(above, here)); err != nil {
					return err
				}
				continue
			}
			if !found.Mode().IsRegular() {
				// Opening a pipe would wait for its writer.
				return invalid("folder", fmt.Sprintf("'%s' is neither a file nor a folder", name))
			}
			if err := CheckPath(name); err != nil {
				return invalid("folder", fmt.Sprintf("'%s' %v", name, err))
			}
			files = append(files, name)
		}
		return nil
	}
	return files, walk(".", nil)
}

// describe hashes a file and returns it as a manifest has it.
func describe(root *os.Root, name string) (*runlorev1.FileEntry, error) {
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil {
		return nil, err
	}
	entry := &runlorev1.FileEntry{Path: name, Size: before.Size(), Mode: 0o644}
	if before.Mode()&0o100 != 0 {
		entry.Mode = 0o755
	}
	whole := sha256.New()
	for entry.Size > sumSizes(entry.Chunks) {
		chunk := sha256.New()
		offset := sumSizes(entry.Chunks)
		n, err := io.CopyN(both(whole, chunk, entry.Size > ChunkBytes), file, min(ChunkBytes, entry.Size-offset))
		if err != nil {
			return nil, changedFile(name, err)
		}
		entry.Chunks = append(entry.Chunks, &runlorev1.Chunk{Offset: offset, Size: n, Sha256: hexSum(chunk)})
	}
	entry.Sha256 = hexSum(whole)
	if len(entry.Chunks) == 1 {
		entry.Sha256 = entry.Chunks[0].GetSha256()
	}
	after, err := file.Stat()
	if err != nil || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return nil, changedFile(name, err)
	}
	return entry, nil
}

// both hashes once where one chunk is the whole file.
func both(whole, chunk hash.Hash, several bool) io.Writer {
	if several {
		return io.MultiWriter(whole, chunk)
	}
	return chunk
}

func sumSizes(chunks []*runlorev1.Chunk) int64 {
	if len(chunks) == 0 {
		return 0
	}
	last := chunks[len(chunks)-1]
	return last.GetOffset() + last.GetSize()
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func changedFile(name string, err error) error {
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: '%s': %w", ErrFileChanged, name, err)
	}
	return fmt.Errorf("%w: '%s': nothing was registered; try again once nothing writes to it", ErrFileChanged, name)
}

// holdsExactly reports whether a folder holds these files and nothing else, every byte read.
func holdsExactly(folder string, files []*runlorev1.FileEntry) bool {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return false
	}
	defer root.Close()
	names, err := scan(root)
	if err != nil || len(names) != len(files) {
		return false
	}
	for _, entry := range files {
		found, err := root.Stat(entry.GetPath())
		if err != nil || found.Size() != entry.GetSize() || found.Mode()&0o100 != 0 != (entry.GetMode() == 0o755) {
			return false
		}
	}
	for _, entry := range files {
		found, err := describe(root, entry.GetPath())
		if err != nil || found.GetSha256() != entry.GetSha256() {
			return false
		}
	}
	return true
}
