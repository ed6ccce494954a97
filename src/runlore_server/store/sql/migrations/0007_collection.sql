-- Collecting what nothing needs any more, and recording what was checked. store/collection.py has the rules.

ALTER TABLE blob
    -- When somebody last announced, uploaded or logged it, to within minutes: it is not collected for the grace period.
    ADD COLUMN wanted_time timestamptz NOT NULL DEFAULT now(),
    -- Whether the blob store has checked it. False: announced, and perhaps on its way.
    ADD COLUMN is_stored   boolean     NOT NULL DEFAULT true,
    -- Set when it is about to be deleted from the blob store: from then on nothing may refer to it.
    ADD COLUMN delete_time timestamptz,
    -- When `fsck --deep` last read all of it and found its sha256.
    ADD COLUMN check_time  timestamptz;

CREATE INDEX blob_being_deleted ON blob (delete_time) WHERE delete_time IS NOT NULL;

ALTER TABLE tree
    -- As a blob's; also when it stopped being a run's artifacts.
    ADD COLUMN wanted_time timestamptz NOT NULL DEFAULT now(),
    -- The sha256 of the chunks of the folder's own files, each once. Null: not known yet, the collector fills it in.
    ADD COLUMN blobs       bytea[];
ALTER TABLE tree ALTER COLUMN blobs SET STORAGE EXTERNAL;

-- What keeps a tree, and all that it refers to, for good. Whatever comes to refer to manifests is added here.
CREATE VIEW tree_root AS
SELECT manifest_digest AS digest FROM run WHERE manifest_digest IS NOT NULL
UNION ALL
SELECT manifest_digest FROM model_version
UNION ALL
SELECT manifest_digest FROM logged_model WHERE manifest_digest IS NOT NULL;

-- Files of several chunks whose claimed sha256 `fsck --deep` has found true.
CREATE TABLE checked_file (
    file       bytea PRIMARY KEY, -- sha256 over the claimed sha256 and those of the chunks
    check_time timestamptz NOT NULL
);

-- The last round of collection, at most one row: servers take turns by it.
CREATE TABLE collection (
    singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    start_time timestamptz NOT NULL
);
