package runlore_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	runlore "github.com/runlore/runlore/clients/go"
	runlorev1 "github.com/runlore/runlore/clients/go/gen/runlore/v1"
)

type vectors struct {
	Vectors []struct {
		Name     string            `json:"name"`
		Files    []json.RawMessage `json:"files"`
		Manifest json.RawMessage   `json:"manifest"`
	} `json:"vectors"`
	RefusedPaths []struct {
		Path string `json:"path"`
		Rule string `json:"rule"`
	} `json:"refused_paths"`
	AcceptedPaths []string `json:"accepted_paths"`
}

func load(t *testing.T) vectors {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "protos", "manifest_vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all vectors
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestManifestsHaveTheDigestsOfTheVectors(t *testing.T) {
	for _, vector := range load(t).Vectors {
		t.Run(vector.Name, func(t *testing.T) {
			var files []*runlorev1.FileEntry
			for _, text := range vector.Files {
				file := &runlorev1.FileEntry{}
				if err := protojson.Unmarshal(text, file); err != nil {
					t.Fatal(err)
				}
				files = append(files, file)
			}
			wanted := &runlorev1.Manifest{}
			if err := protojson.Unmarshal(vector.Manifest, wanted); err != nil {
				t.Fatal(err)
			}
			found, err := runlore.ManifestOf(files)
			if err != nil {
				t.Fatal(err)
			}
			if found.String() != wanted.String() {
				t.Errorf("found %v, expected %v", found, wanted)
			}
		})
	}
}

func TestPathsAreRefusedAsInTheVectors(t *testing.T) {
	all := load(t)
	for _, refused := range all.RefusedPaths {
		if runlore.CheckPath(refused.Path) == nil {
			t.Errorf("%q was accepted: %s", refused.Path, refused.Rule)
		}
	}
	for _, path := range all.AcceptedPaths {
		if err := runlore.CheckPath(path); err != nil {
			t.Errorf("%q was refused: %v", path, err)
		}
	}
	if runlore.CheckPath("a\xffb") == nil {
		t.Error("a path that is not UTF-8 was accepted")
	}
}
