package runlore

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

// ChunkBytes is the size of every chunk but a file's last (manifest format 1).
const ChunkBytes = 16 << 20

const treeHeader = "runlore.tree.v1\n"

var emptySHA256 = hex.EncodeToString(sha256.New().Sum(nil))

// CheckPath returns an error that says which rule is broken, unless a path may stand in a manifest.
func CheckPath(path string) error {
	count := utf8.RuneCountInString(path)
	switch {
	case path == "":
		return errors.New("is empty: name a file")
	case !utf8.ValidString(path):
		return errors.New("is not UTF-8")
	case count > 1024:
		return fmt.Errorf("has %d characters: at most 1,024 are allowed", count)
	case strings.Contains(path, `\`):
		return errors.New("has a backslash: separate folders by /")
	case strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return errors.New("has a control character")
	case path[0] == '/' || len(path) > 1 && path[1] == ':' && isLetter(path[0]):
		return errors.New("is absolute: give a path relative to the root of the artifacts")
	}
	for part := range strings.SplitSeq(path, "/") {
		switch part {
		case "..":
			return errors.New("has the part '..': a path stays inside the artifacts")
		case "", ".":
			return fmt.Errorf("has the part '%s': every part between slashes is a name", part)
		}
	}
	return nil
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// ManifestOf returns the manifest of a list of files: the digest of the tree that they make, their size and number. It
// computes what the server computes, so that what was downloaded can be compared with what was registered; the section
// "Manifest canonical form" of the contract's README defines it. It fails for a path that no manifest may hold, for one
// that is a file and a folder at once, and for chunks that do not cover their file.
func ManifestOf(files []*runlorev1.FileEntry) (*runlorev1.Manifest, error) {
	root := &tree{}
	for _, file := range files {
		if err := root.add(file); err != nil {
			return nil, err
		}
	}
	return root.manifest(), nil
}

// tree is a folder: its files and folders by name.
type tree struct {
	files   map[string]*runlorev1.FileEntry
	folders map[string]*tree
}

func (t *tree) add(file *runlorev1.FileEntry) error {
	path := file.GetPath()
	if err := CheckPath(path); err != nil {
		return fmt.Errorf("'%s' %w", path, err)
	}
	if err := checkEntry(file); err != nil {
		return fmt.Errorf("'%s': %w", path, err)
	}
	parts := strings.Split(path, "/")
	name := parts[len(parts)-1]
	for _, part := range parts[:len(parts)-1] {
		if t.files[part] != nil {
			return fmt.Errorf("'%s' needs the folder '%s', which is a file", path, part)
		}
		below := t.folders[part]
		if below == nil {
			below = &tree{}
			if t.folders == nil {
				t.folders = map[string]*tree{}
			}
			t.folders[part] = below
		}
		t = below
	}
	if t.folders[name] != nil {
		return fmt.Errorf("'%s' is a folder and cannot be a file too", path)
	}
	if t.files == nil {
		t.files = map[string]*runlorev1.FileEntry{}
	}
	t.files[name] = file
	return nil
}

// manifest recurses as deep as a path has folders, 512 at most.
func (t *tree) manifest() *runlorev1.Manifest {
	manifest := &runlorev1.Manifest{FileCount: int64(len(t.files))}
	lines := make(map[string]string, len(t.files)+len(t.folders))
	for name, file := range t.files {
		manifest.Size += file.GetSize()
		lines[name] = fileLine(name, file)
	}
	for name, folder := range t.folders {
		below := folder.manifest()
		manifest.Size += below.GetSize()
		manifest.FileCount += below.GetFileCount()
		lines[name] = "dir " + below.GetDigest() + " " + name + "\n"
	}
	text := sha256.New()
	text.Write([]byte(treeHeader))
	// Go compares strings by their bytes, which is the order of the canonical form.
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		text.Write([]byte(lines[name]))
	}
	manifest.Digest = hex.EncodeToString(text.Sum(nil))
	return manifest
}

func fileLine(name string, file *runlorev1.FileEntry) string {
	mode, media, chunks := "644", file.GetMediaType(), "-"
	if file.GetMode() == 0o755 {
		mode = "755"
	}
	if media == "" {
		media = "-"
	}
	if len(file.GetChunks()) > 0 {
		digests := make([]string, len(file.GetChunks()))
		for i, chunk := range file.GetChunks() {
			digests[i] = chunk.GetSha256()
		}
		chunks = strings.Join(digests, ",")
	}
	return fmt.Sprintf("file %s %d %s %s %s %s\n", mode, file.GetSize(), file.GetSha256(), media, chunks, name)
}

func checkEntry(file *runlorev1.FileEntry) error {
	switch file.GetMode() {
	case 0, 0o644, 0o755:
	default:
		return fmt.Errorf("has the mode %d: give 420 (octal 644), 493 (octal 755) or 0", file.GetMode())
	}
	var offset int64
	for _, chunk := range file.GetChunks() {
		expected := min(ChunkBytes, file.GetSize()-offset)
		if chunk.GetOffset() != offset || chunk.GetSize() != expected || expected <= 0 {
			return fmt.Errorf("the chunk at offset %d has %d bytes where %d bytes at offset %d are expected: a file of %d "+
				"bytes is cut every %d bytes", chunk.GetOffset(), chunk.GetSize(), expected, offset, file.GetSize(), ChunkBytes)
		}
		offset += expected
	}
	switch {
	case offset != file.GetSize():
		return fmt.Errorf("chunks cover %d of the file's %d bytes", offset, file.GetSize())
	case len(file.GetChunks()) == 0 && file.GetSha256() != emptySHA256:
		return errors.New("is empty, and sha256 is not that of no bytes")
	case len(file.GetChunks()) == 1 && file.GetChunks()[0].GetSha256() != file.GetSha256():
		return errors.New("sha256 differs from that of the file's only chunk")
	}
	return nil
}
