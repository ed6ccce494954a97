-- What reading the log needs: who did it, the registry's own events and each alias's without looking at all others, and
-- from where on all events are there.

-- The actor as `<kind>:<id>`; null: written by an earlier version, only `body` has it.
ALTER TABLE event ADD COLUMN actor text;
CREATE INDEX event_of_registry ON event (position) WHERE hash IS NOT NULL;
CREATE INDEX event_of_alias ON event (resource_id, subject, revision) WHERE subject <> '';

-- Tracking events up to this position are past their retention and may be gone. It only grows.
ALTER TABLE event_log ADD COLUMN pruned_position bigint NOT NULL DEFAULT 0;
