-- Registered models and versions that change, are deleted, and have stages.

ALTER TABLE registered_model
    ADD COLUMN owner           text    NOT NULL DEFAULT '',
    ADD COLUMN team            text    NOT NULL DEFAULT '',
    ADD COLUMN reason_required boolean NOT NULL DEFAULT false,
    -- Set: a tombstone, which keeps the id, the chain's head and so the history. Its `name` is then a slash and its id, so
    -- that the name is free, and nothing that looks for a name can find it.
    ADD COLUMN delete_time     timestamptz;

ALTER TABLE model_version
    ALTER COLUMN manifest_digest DROP NOT NULL, -- null: no files, PENDING or FAILED
    ADD COLUMN status_message text     NOT NULL DEFAULT '',
    ADD COLUMN stage          smallint NOT NULL DEFAULT 1, -- a ModelStage
    ADD COLUMN stage_time     timestamptz, -- null: in the stage that it began in
    ADD COLUMN stage_by       bytea, -- a serialized Actor
    ADD COLUMN stage_reason   text     NOT NULL DEFAULT '',
    ADD COLUMN update_time    timestamptz, -- null: not since it was created
    ADD COLUMN revision       bigint   NOT NULL DEFAULT 1, -- counts the changes of the version itself
    ADD COLUMN delete_time    timestamptz;
