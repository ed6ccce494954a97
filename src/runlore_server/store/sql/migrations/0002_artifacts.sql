-- Artifacts: which blobs are stored, and the trees of files that name them.

-- Blobs whose sha256 the blob store has checked. Only these may stand in a tree.
CREATE TABLE blob (
    sha256      bytea PRIMARY KEY,
    size        bigint      NOT NULL,
    create_time timestamptz NOT NULL DEFAULT now()
);

-- One row a folder, under the digest of its canonical text (protos/README.md); a manifest is the row of its root.
-- Rows never change, and trees that share a folder share its row: adding a file to a run writes the folders on the
-- way to it, whatever else the run holds.
--
-- A folder's entries are arrays in its row, not rows of their own. A folder is written whole and read whole, so 10,000
-- files cost one insert and not 10,000; the arrays are parallel and in the order of the names' UTF-8 bytes, so a page
-- of a listing is a slice and a step down a path is a lookup.
CREATE TABLE tree (
    digest     bytea PRIMARY KEY,
    size       bigint  NOT NULL, -- bytes, subfolders included
    file_count bigint  NOT NULL, -- subfolders included
    names      text[]  NOT NULL,
    children   bytea[] NOT NULL, -- the digest of a subfolder; null for a file
    entries    bytea[] NOT NULL  -- a serialized ArtifactEntry, its file without a path
);
-- Digests do not compress.
ALTER TABLE tree ALTER COLUMN children SET STORAGE EXTERNAL;
