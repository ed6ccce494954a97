-- Registered models and versions that change, are deleted, and have stages.

ALTER TABLE registered_model
    ADD COLUMN owner           text    NOT NULL DEFAULT '',
    ADD COLUMN team            text    NOT NULL DEFAULT '',
    ADD COLUMN reason_required boolean NOT NULL DEFAULT false,
    -- Set: a tombstone, which keeps the id, the chain's head and so the history. Its `name` is then a slash and its id, so
    -- that the name is free.
    ADD COLUMN delete_time     timestamptz;
-- `latest_version` is the greatest number that was given, also when that version is deleted.
CREATE INDEX registered_model_by_name ON registered_model (workspace, name COLLATE "C") WHERE delete_time IS NULL;
CREATE INDEX registered_model_deleted ON registered_model (delete_time) WHERE delete_time IS NOT NULL;

ALTER TABLE model_version
    ALTER COLUMN manifest_digest DROP NOT NULL, -- null: no files, PENDING or FAILED
    ADD COLUMN status_message text     NOT NULL DEFAULT '',
    ADD COLUMN stage          smallint NOT NULL DEFAULT 1, -- a ModelStage
    ADD COLUMN stage_time     timestamptz, -- null: in the stage that it began in
    ADD COLUMN stage_by       bytea, -- a serialized Actor
    ADD COLUMN stage_reason   text     NOT NULL DEFAULT '',
    ADD COLUMN update_time    timestamptz, -- null: not since it was created
    ADD COLUMN revision       bigint   NOT NULL DEFAULT 1, -- counts the changes of the version itself
    ADD COLUMN delete_time    timestamptz,
    -- What of the evidence is searched for, both by key and as texts; null: not filled in yet (store/versions.py, fill).
    ADD COLUMN params         jsonb,
    ADD COLUMN metrics        jsonb;

-- What a search begins with; the primary key serves a model's versions by number.
CREATE INDEX model_version_by_stage ON model_version (model_id, stage, version) WHERE delete_time IS NULL;
CREATE INDEX model_version_by_run ON model_version (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX model_version_by_logged_model ON model_version (logged_model_id) WHERE logged_model_id IS NOT NULL;
CREATE INDEX model_version_by_manifest ON model_version (manifest_digest);
CREATE INDEX model_version_by_status ON model_version (status) WHERE status <> 2;
CREATE INDEX model_version_by_creation ON model_version (create_time);
CREATE INDEX model_version_by_update ON model_version ((coalesce(update_time, create_time)));
CREATE INDEX model_version_by_tag ON model_version USING gin (tags jsonb_path_ops);
CREATE INDEX model_version_deleted ON model_version (delete_time) WHERE delete_time IS NOT NULL;
CREATE INDEX model_version_unfilled ON model_version (model_id, version) WHERE params IS NULL;

-- Versions may be without files now.
CREATE OR REPLACE VIEW tree_root AS
SELECT manifest_digest AS digest FROM run WHERE manifest_digest IS NOT NULL
UNION ALL
SELECT manifest_digest FROM model_version WHERE manifest_digest IS NOT NULL
UNION ALL
SELECT manifest_digest FROM logged_model WHERE manifest_digest IS NOT NULL;
