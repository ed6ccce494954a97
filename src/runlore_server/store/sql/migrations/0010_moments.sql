-- Answers as of a moment: whose a name was, and a model's events by what they are about.

-- Which model had a name from which of its events on, and until which: a rename or its deletion. Null: it still has it.
CREATE TABLE model_name (
    workspace      text   NOT NULL,
    name           text   NOT NULL,
    model_id       uuid   NOT NULL REFERENCES registered_model,
    since_revision bigint NOT NULL,
    until_revision bigint,
    PRIMARY KEY (workspace, name, model_id, since_revision)
);
INSERT INTO model_name (workspace, name, model_id, since_revision)
SELECT workspace, name, model_id, 1 FROM registered_model;

-- The version that an event is about. Of an alias: the one that it points at since; null when it is gone.
ALTER TABLE event ADD COLUMN version bigint;
UPDATE event
SET version = trim(BOTH '"' FROM coalesce(convert_from(body, 'UTF8')::json #> '{after,model_version,version}',
                                          convert_from(body, 'UTF8')::json #> '{after,alias,version}')::text)::bigint
WHERE hash IS NOT NULL;
CREATE INDEX event_by_version ON event (resource_id, kind, version, revision) WHERE version IS NOT NULL AND subject = '';
