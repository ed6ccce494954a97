-- The schema that the migrations make. Written by `make schema`; to change it, add a migration.

CREATE TABLE public.blob (
    sha256 bytea NOT NULL,
    size bigint NOT NULL,
    create_time timestamp with time zone DEFAULT now() NOT NULL,
    wanted_time timestamp with time zone DEFAULT now() NOT NULL,
    is_stored boolean DEFAULT true NOT NULL,
    delete_time timestamp with time zone,
    check_time timestamp with time zone
);

CREATE TABLE public.checked_file (
    file bytea NOT NULL,
    check_time timestamp with time zone NOT NULL
);

CREATE TABLE public.collection (
    singleton boolean DEFAULT true NOT NULL,
    start_time timestamp with time zone NOT NULL,
    CONSTRAINT collection_singleton_check CHECK (singleton)
);

CREATE TABLE public.dataset (
    dataset_id bytea NOT NULL,
    workspace text NOT NULL,
    name text NOT NULL,
    digest text NOT NULL,
    source_type text NOT NULL,
    source text NOT NULL,
    schema text NOT NULL,
    profile text NOT NULL,
    size integer NOT NULL
);

CREATE TABLE public.dataset_use (
    dataset_id bytea NOT NULL,
    experiment_id uuid NOT NULL,
    context text NOT NULL
);

CREATE TABLE public.event (
    resource_id uuid NOT NULL,
    revision bigint NOT NULL,
    "position" bigint,
    workspace text NOT NULL,
    kind smallint NOT NULL,
    subject text NOT NULL,
    "time" timestamp with time zone NOT NULL,
    hash bytea,
    body bytea NOT NULL,
    version bigint,
    actor text
);

CREATE TABLE public.event_log (
    singleton boolean DEFAULT true NOT NULL,
    log_id text NOT NULL,
    last_position bigint DEFAULT 0 NOT NULL,
    token_key bytea NOT NULL,
    pruned_position bigint DEFAULT 0 NOT NULL,
    CONSTRAINT event_log_singleton_check CHECK (singleton)
);

CREATE TABLE public.experiment (
    experiment_id uuid NOT NULL,
    workspace text NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    tags jsonb NOT NULL,
    is_default boolean NOT NULL,
    lifecycle_state smallint NOT NULL,
    create_time timestamp with time zone NOT NULL,
    revision bigint NOT NULL,
    event_time timestamp with time zone NOT NULL,
    artifact_location text DEFAULT ''::text NOT NULL,
    delete_time timestamp with time zone
);

CREATE TABLE public.logged_model (
    model_id uuid NOT NULL,
    workspace text NOT NULL,
    experiment_id uuid NOT NULL,
    source_run_id uuid,
    name text NOT NULL,
    model_type text NOT NULL,
    status smallint NOT NULL,
    status_message text NOT NULL,
    params jsonb NOT NULL,
    tags jsonb NOT NULL,
    manifest_digest bytea,
    artifact_location text NOT NULL,
    lifecycle_state smallint NOT NULL,
    created_by bytea NOT NULL,
    create_time timestamp with time zone NOT NULL,
    revision bigint NOT NULL,
    event_time timestamp with time zone NOT NULL
);

CREATE TABLE public.logged_model_metric (
    model_id uuid NOT NULL,
    series integer NOT NULL,
    "time" bigint NOT NULL,
    step bigint NOT NULL,
    value double precision NOT NULL
);

CREATE TABLE public.logged_model_series (
    model_id uuid NOT NULL,
    series integer NOT NULL,
    key text NOT NULL,
    dataset_name text NOT NULL,
    dataset_digest text NOT NULL,
    run_id uuid,
    last_time bigint NOT NULL,
    last_step bigint NOT NULL,
    last double precision NOT NULL
);

CREATE TABLE public.metric_block (
    run_id uuid NOT NULL,
    key text NOT NULL,
    first_index bigint NOT NULL,
    count integer NOT NULL,
    first_step bigint NOT NULL,
    last_step bigint NOT NULL,
    min double precision,
    max double precision,
    steps bigint[] NOT NULL,
    times bigint[] NOT NULL,
    "values" double precision[] NOT NULL
)
WITH (toast_tuple_target='2712');
ALTER TABLE ONLY public.metric_block ALTER COLUMN steps SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.metric_block ALTER COLUMN times SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.metric_block ALTER COLUMN "values" SET STORAGE EXTERNAL;

CREATE TABLE public.metric_frame (
    run_id uuid NOT NULL,
    frame bigint NOT NULL,
    slots integer[] NOT NULL,
    steps bigint[] NOT NULL,
    times bigint[] NOT NULL,
    "values" double precision[] NOT NULL
);
ALTER TABLE ONLY public.metric_frame ALTER COLUMN slots SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.metric_frame ALTER COLUMN steps SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.metric_frame ALTER COLUMN times SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.metric_frame ALTER COLUMN "values" SET STORAGE EXTERNAL;

CREATE TABLE public.run_live (
    run_id uuid NOT NULL,
    version bigint NOT NULL,
    first_frame bigint NOT NULL,
    heartbeat_time timestamp with time zone NOT NULL,
    is_live boolean NOT NULL,
    keys text[] NOT NULL,
    last double precision[] NOT NULL,
    last_step bigint[] NOT NULL,
    last_time bigint[] NOT NULL,
    min double precision[] NOT NULL,
    min_step bigint[] NOT NULL,
    max double precision[] NOT NULL,
    max_step bigint[] NOT NULL,
    count bigint[] NOT NULL,
    indexed_version bigint DEFAULT 0 NOT NULL,
    unindexed boolean GENERATED ALWAYS AS ((version <> indexed_version)) STORED NOT NULL
)
WITH (fillfactor='50', toast_tuple_target='4080');

CREATE TABLE public.run_metric (
    run_id uuid NOT NULL,
    key text NOT NULL,
    last double precision NOT NULL,
    last_step bigint NOT NULL,
    last_time bigint NOT NULL,
    min double precision,
    min_step bigint NOT NULL,
    max double precision,
    max_step bigint NOT NULL,
    count bigint NOT NULL
)
WITH (fillfactor='50');

CREATE VIEW public.metric_point AS
 SELECT b.run_id,
    b.key,
    ((b.first_index + p.i) - 1) AS index,
    p.step,
        CASE
            WHEN (p."time" < '-210866803200000000'::bigint) THEN '-infinity'::timestamp with time zone
            ELSE to_timestamp((((p."time")::numeric / 1000000.0))::double precision)
        END AS "time",
    p.value
   FROM public.metric_block b,
    LATERAL UNNEST(b.steps, b.times, b."values") WITH ORDINALITY p(step, "time", value, i)
UNION ALL
 SELECT f.run_id,
    f.key,
    ((COALESCE(m.count, (0)::bigint) + row_number() OVER (PARTITION BY f.run_id, f.key ORDER BY f.frame, f.i)) - 1) AS index,
    f.step,
        CASE
            WHEN (f."time" < '-210866803200000000'::bigint) THEN '-infinity'::timestamp with time zone
            ELSE to_timestamp((((f."time")::numeric / 1000000.0))::double precision)
        END AS "time",
    f.value
   FROM (( SELECT f_1.run_id,
            l.keys[(p.slot + 1)] AS key,
            f_1.frame,
            p.i,
            p.step,
            p."time",
            p.value
           FROM (public.metric_frame f_1
             JOIN public.run_live l USING (run_id)),
            LATERAL UNNEST(f_1.slots, f_1.steps, f_1.times, f_1."values") WITH ORDINALITY p(slot, step, "time", value, i)) f
     LEFT JOIN public.run_metric m ON (((m.run_id = f.run_id) AND (m.key = f.key))));

CREATE VIEW public.metric_summary AS
 SELECT m.run_id,
    m.key,
    m.last,
    m.last_step,
    m.last_time,
    m.min,
    m.min_step,
    m.max,
    m.max_step,
    m.count
   FROM public.run_metric m
  WHERE (NOT (EXISTS ( SELECT
           FROM public.run_live l
          WHERE ((l.run_id = m.run_id) AND l.is_live AND (m.key = ANY (l.keys))))))
UNION ALL
 SELECT l.run_id,
    s.key,
    s.last,
    s.last_step,
    s.last_time,
    NULLIF(s.min, 'NaN'::double precision) AS min,
    s.min_step,
    NULLIF(s.max, 'NaN'::double precision) AS max,
    s.max_step,
    s.count
   FROM public.run_live l,
    LATERAL UNNEST(l.keys, l.last, l.last_step, l.last_time, l.min, l.min_step, l.max, l.max_step, l.count) s(key, last, last_step, last_time, min, min_step, max, max_step, count)
  WHERE (l.is_live AND (s.count > 0));

CREATE TABLE public.model_alias (
    model_id uuid NOT NULL,
    alias text NOT NULL,
    version bigint NOT NULL,
    set_time timestamp with time zone NOT NULL,
    set_by bytea NOT NULL,
    reason text NOT NULL
);

CREATE TABLE public.model_evaluation (
    model_id uuid NOT NULL,
    version bigint NOT NULL,
    revision bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    value double precision NOT NULL,
    dataset_digest text NOT NULL,
    dataset_name text NOT NULL,
    run_id uuid,
    evaluation_time timestamp with time zone NOT NULL,
    record_time timestamp with time zone NOT NULL,
    recorded_by bytea NOT NULL
);

CREATE TABLE public.model_name (
    workspace text NOT NULL,
    name text NOT NULL,
    model_id uuid NOT NULL,
    since_revision bigint NOT NULL,
    until_revision bigint
);

CREATE TABLE public.model_version (
    model_id uuid NOT NULL,
    version bigint NOT NULL,
    run_id uuid,
    artifact_path text NOT NULL,
    manifest_digest bytea,
    size bigint NOT NULL,
    file_count bigint NOT NULL,
    status smallint NOT NULL,
    description text NOT NULL,
    tags jsonb NOT NULL,
    evidence bytea NOT NULL,
    created_by bytea NOT NULL,
    create_time timestamp with time zone NOT NULL,
    logged_model_id uuid,
    status_message text DEFAULT ''::text NOT NULL,
    stage smallint DEFAULT 1 NOT NULL,
    stage_time timestamp with time zone,
    stage_by bytea,
    stage_reason text DEFAULT ''::text NOT NULL,
    update_time timestamp with time zone,
    revision bigint DEFAULT 1 NOT NULL,
    delete_time timestamp with time zone,
    params jsonb,
    metrics jsonb,
    searched smallint
);

CREATE TABLE public.model_version_metric (
    model_id uuid NOT NULL,
    version bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    last double precision NOT NULL
);

CREATE TABLE public.purged_run (
    run_id uuid NOT NULL
);

CREATE TABLE public.registered_model (
    model_id uuid NOT NULL,
    workspace text NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    tags jsonb NOT NULL,
    latest_version bigint NOT NULL,
    created_by bytea NOT NULL,
    create_time timestamp with time zone NOT NULL,
    revision bigint NOT NULL,
    event_time timestamp with time zone NOT NULL,
    chain_hash bytea NOT NULL,
    owner text DEFAULT ''::text NOT NULL,
    team text DEFAULT ''::text NOT NULL,
    reason_required boolean DEFAULT false NOT NULL,
    delete_time timestamp with time zone
);

CREATE TABLE public.request (
    workspace text NOT NULL,
    actor text NOT NULL,
    method text NOT NULL,
    request_id text NOT NULL,
    body_sha256 bytea NOT NULL,
    response bytea NOT NULL,
    create_time timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.run (
    run_id uuid NOT NULL,
    workspace text NOT NULL,
    experiment_id uuid NOT NULL,
    parent_run_id uuid,
    name text NOT NULL,
    status smallint NOT NULL,
    start_time timestamp with time zone NOT NULL,
    end_time timestamp with time zone,
    params jsonb NOT NULL,
    tags jsonb NOT NULL,
    manifest_digest bytea,
    lifecycle_state smallint NOT NULL,
    created_by bytea NOT NULL,
    create_time timestamp with time zone NOT NULL,
    revision bigint NOT NULL,
    event_time timestamp with time zone NOT NULL,
    artifact_location text DEFAULT ''::text NOT NULL,
    delete_time timestamp with time zone,
    status_message text DEFAULT ''::text NOT NULL,
    indexed_revision bigint DEFAULT 0 NOT NULL,
    unindexed boolean GENERATED ALWAYS AS ((revision <> indexed_revision)) STORED NOT NULL
);

CREATE TABLE public.run_dataset (
    run_id uuid NOT NULL,
    dataset_id bytea NOT NULL,
    context text NOT NULL,
    place integer NOT NULL,
    tags jsonb NOT NULL
);

CREATE TABLE public.run_model (
    run_id uuid NOT NULL,
    model_id uuid NOT NULL,
    is_output boolean NOT NULL,
    step bigint NOT NULL,
    place integer NOT NULL
);

CREATE TABLE public.run_stream (
    run_id uuid NOT NULL,
    writer_id text NOT NULL,
    points bigint NOT NULL,
    dropped_points bigint NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.run_writer (
    run_id uuid NOT NULL,
    writer_id text NOT NULL,
    sequence bigint NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.schema_migration (
    number integer NOT NULL,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    apply_time timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.search_indexing (
    singleton boolean DEFAULT true NOT NULL,
    CONSTRAINT search_indexing_singleton_check CHECK (singleton)
);

CREATE TABLE public.search_key (
    key_no integer NOT NULL,
    workspace text NOT NULL,
    kind smallint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.search_metric (
    neg_start bigint NOT NULL,
    last double precision,
    min double precision,
    max double precision,
    run_id uuid NOT NULL,
    key_no integer NOT NULL,
    experiment_no integer NOT NULL
)
WITH (autovacuum_vacuum_insert_scale_factor='0.01', autovacuum_vacuum_scale_factor='0.02', autovacuum_analyze_scale_factor='0.02');

CREATE TABLE public.search_text (
    neg_start bigint NOT NULL,
    run_id uuid NOT NULL,
    key_no integer NOT NULL,
    experiment_no integer NOT NULL,
    value text NOT NULL COLLATE pg_catalog."C"
)
WITH (autovacuum_vacuum_insert_scale_factor='0.01', autovacuum_vacuum_scale_factor='0.02', autovacuum_analyze_scale_factor='0.02');

CREATE TABLE public.tree (
    digest bytea NOT NULL,
    size bigint NOT NULL,
    file_count bigint NOT NULL,
    names text[] NOT NULL,
    children bytea[] NOT NULL,
    entries bytea[] NOT NULL,
    wanted_time timestamp with time zone DEFAULT now() NOT NULL,
    blobs bytea[]
);
ALTER TABLE ONLY public.tree ALTER COLUMN children SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.tree ALTER COLUMN blobs SET STORAGE EXTERNAL;

CREATE VIEW public.tree_root AS
 SELECT run.manifest_digest AS digest
   FROM public.run
  WHERE (run.manifest_digest IS NOT NULL)
UNION ALL
 SELECT model_version.manifest_digest AS digest
   FROM public.model_version
  WHERE (model_version.manifest_digest IS NOT NULL)
UNION ALL
 SELECT logged_model.manifest_digest AS digest
   FROM public.logged_model
  WHERE (logged_model.manifest_digest IS NOT NULL);

ALTER TABLE ONLY public.blob
    ADD CONSTRAINT blob_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY public.checked_file
    ADD CONSTRAINT checked_file_pkey PRIMARY KEY (file);

ALTER TABLE ONLY public.collection
    ADD CONSTRAINT collection_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.dataset
    ADD CONSTRAINT dataset_pkey PRIMARY KEY (dataset_id);

ALTER TABLE ONLY public.dataset_use
    ADD CONSTRAINT dataset_use_pkey PRIMARY KEY (dataset_id, experiment_id, context);

ALTER TABLE ONLY public.event_log
    ADD CONSTRAINT event_log_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (resource_id, revision);

ALTER TABLE ONLY public.experiment
    ADD CONSTRAINT experiment_pkey PRIMARY KEY (experiment_id);

ALTER TABLE ONLY public.experiment
    ADD CONSTRAINT experiment_workspace_name_key UNIQUE (workspace, name);

ALTER TABLE ONLY public.logged_model_metric
    ADD CONSTRAINT logged_model_metric_pkey PRIMARY KEY (model_id, series, "time", step, value);

ALTER TABLE ONLY public.logged_model
    ADD CONSTRAINT logged_model_pkey PRIMARY KEY (model_id);

ALTER TABLE ONLY public.logged_model_series
    ADD CONSTRAINT logged_model_series_pkey PRIMARY KEY (model_id, series);

ALTER TABLE ONLY public.metric_block
    ADD CONSTRAINT metric_block_pkey PRIMARY KEY (run_id, key, first_index);

ALTER TABLE ONLY public.metric_frame
    ADD CONSTRAINT metric_frame_pkey PRIMARY KEY (run_id, frame);

ALTER TABLE ONLY public.model_alias
    ADD CONSTRAINT model_alias_pkey PRIMARY KEY (model_id, alias);

ALTER TABLE ONLY public.model_evaluation
    ADD CONSTRAINT model_evaluation_pkey PRIMARY KEY (model_id, version, key, revision);

ALTER TABLE ONLY public.model_name
    ADD CONSTRAINT model_name_pkey PRIMARY KEY (workspace, name, model_id, since_revision);

ALTER TABLE ONLY public.model_version_metric
    ADD CONSTRAINT model_version_metric_pkey PRIMARY KEY (model_id, version, key);

ALTER TABLE ONLY public.model_version
    ADD CONSTRAINT model_version_pkey PRIMARY KEY (model_id, version);

ALTER TABLE ONLY public.purged_run
    ADD CONSTRAINT purged_run_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY public.registered_model
    ADD CONSTRAINT registered_model_pkey PRIMARY KEY (model_id);

ALTER TABLE ONLY public.registered_model
    ADD CONSTRAINT registered_model_workspace_name_key UNIQUE (workspace, name);

ALTER TABLE ONLY public.request
    ADD CONSTRAINT request_pkey PRIMARY KEY (workspace, actor, method, request_id);

ALTER TABLE ONLY public.run_dataset
    ADD CONSTRAINT run_dataset_pkey PRIMARY KEY (run_id, dataset_id, context);

ALTER TABLE ONLY public.run_live
    ADD CONSTRAINT run_live_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY public.run_metric
    ADD CONSTRAINT run_metric_pkey PRIMARY KEY (run_id, key);

ALTER TABLE ONLY public.run_model
    ADD CONSTRAINT run_model_pkey PRIMARY KEY (run_id, is_output, model_id, step);

ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY public.run_stream
    ADD CONSTRAINT run_stream_pkey PRIMARY KEY (run_id, writer_id);

ALTER TABLE ONLY public.run_writer
    ADD CONSTRAINT run_writer_pkey PRIMARY KEY (run_id, writer_id);

ALTER TABLE ONLY public.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.search_indexing
    ADD CONSTRAINT search_indexing_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.search_key
    ADD CONSTRAINT search_key_pkey PRIMARY KEY (key_no);

ALTER TABLE ONLY public.search_key
    ADD CONSTRAINT search_key_workspace_kind_key_key UNIQUE (workspace, kind, key);

ALTER TABLE ONLY public.tree
    ADD CONSTRAINT tree_pkey PRIMARY KEY (digest);

CREATE INDEX blob_being_deleted ON public.blob USING btree (delete_time) WHERE (delete_time IS NOT NULL);

CREATE INDEX dataset_by_digest ON public.dataset USING btree (workspace, digest);

CREATE INDEX dataset_by_name ON public.dataset USING btree (workspace, name COLLATE "C", dataset_id);

CREATE INDEX dataset_use_by_experiment ON public.dataset_use USING btree (experiment_id, dataset_id);

CREATE INDEX event_by_version ON public.event USING btree (resource_id, kind, version, revision) WHERE ((version IS NOT NULL) AND (subject = ''::text));

CREATE INDEX event_of_alias ON public.event USING btree (resource_id, subject, revision) WHERE (subject <> ''::text);

CREATE INDEX event_of_registry ON public.event USING btree ("position") WHERE (hash IS NOT NULL);

CREATE UNIQUE INDEX event_position ON public.event USING btree ("position");

CREATE INDEX event_unnumbered ON public.event USING btree ("time", resource_id, revision) WHERE ("position" IS NULL);

CREATE UNIQUE INDEX experiment_default ON public.experiment USING btree (workspace) WHERE is_default;

CREATE INDEX logged_model_by_creation ON public.logged_model USING btree (experiment_id, create_time DESC, model_id);

CREATE INDEX logged_model_by_name ON public.logged_model USING btree (workspace, name);

CREATE INDEX logged_model_by_run ON public.logged_model USING btree (source_run_id) WHERE (source_run_id IS NOT NULL);

CREATE INDEX model_alias_by_alias ON public.model_alias USING btree (alias, model_id);

CREATE INDEX model_alias_by_version ON public.model_alias USING btree (model_id, version);

CREATE INDEX model_evaluation_by_revision ON public.model_evaluation USING btree (model_id, version, revision, key);

CREATE INDEX model_version_by_creation ON public.model_version USING btree (create_time);

CREATE INDEX model_version_by_logged_model ON public.model_version USING btree (logged_model_id) WHERE (logged_model_id IS NOT NULL);

CREATE INDEX model_version_by_manifest ON public.model_version USING btree (manifest_digest);

CREATE INDEX model_version_by_number ON public.model_version USING btree (version, model_id) WHERE (delete_time IS NULL);

CREATE INDEX model_version_by_param ON public.model_version USING gin (params jsonb_path_ops);

CREATE INDEX model_version_by_run ON public.model_version USING btree (run_id) WHERE (run_id IS NOT NULL);

CREATE INDEX model_version_by_stage ON public.model_version USING btree (model_id, stage, version) WHERE (delete_time IS NULL);

CREATE INDEX model_version_by_status ON public.model_version USING btree (status) WHERE (status <> 2);

CREATE INDEX model_version_by_tag ON public.model_version USING gin (tags jsonb_path_ops);

CREATE INDEX model_version_by_update ON public.model_version USING btree (COALESCE(update_time, create_time));

CREATE INDEX model_version_deleted ON public.model_version USING btree (delete_time) WHERE (delete_time IS NOT NULL);

CREATE INDEX model_version_in_stage_by_creation ON public.model_version USING btree (stage, create_time) WHERE ((delete_time IS NULL) AND (stage <> 1));

CREATE INDEX model_version_in_stage_by_number ON public.model_version USING btree (stage, version, model_id) WHERE ((delete_time IS NULL) AND (stage <> 1));

CREATE INDEX model_version_in_stage_by_update ON public.model_version USING btree (stage, COALESCE(update_time, create_time)) WHERE ((delete_time IS NULL) AND (stage <> 1));

CREATE INDEX model_version_metric_by_last ON public.model_version_metric USING btree (key, last, model_id, version);

CREATE INDEX model_version_newest ON public.model_version USING btree (model_id, version, stage) WHERE (delete_time IS NULL);

CREATE INDEX model_version_unfilled ON public.model_version USING btree (model_id, version) WHERE (((searched IS NULL) OR (params IS NULL)) AND (status <> 1));

CREATE INDEX registered_model_by_name ON public.registered_model USING btree (workspace, name COLLATE "C") WHERE (delete_time IS NULL);

CREATE INDEX registered_model_deleted ON public.registered_model USING btree (delete_time) WHERE (delete_time IS NOT NULL);

CREATE INDEX request_create_time ON public.request USING btree (create_time);

CREATE INDEX run_by_parent_start ON public.run USING btree (parent_run_id, start_time, run_id) WHERE (parent_run_id IS NOT NULL);

CREATE INDEX run_by_start ON public.run USING btree (experiment_id, start_time DESC, run_id) INCLUDE (status, lifecycle_state);

CREATE INDEX run_dataset_by_dataset ON public.run_dataset USING btree (dataset_id, run_id);

CREATE INDEX run_deleted ON public.run USING btree (delete_time) WHERE (lifecycle_state = 2);

CREATE INDEX run_live_now ON public.run_live USING btree (run_id) WHERE is_live;

CREATE INDEX run_live_unindexed ON public.run_live USING btree (run_id) WHERE unindexed;

CREATE INDEX run_model_by_model ON public.run_model USING btree (model_id, run_id);

CREATE INDEX run_of_workspace ON public.run USING btree (workspace, start_time DESC, run_id) INCLUDE (experiment_id, status, lifecycle_state);

CREATE INDEX run_running ON public.run USING btree (run_id) WHERE (status = 1);

CREATE INDEX run_unfinished ON public.run USING btree (status, start_time, run_id) WHERE ((status <> 1) AND (status <> 3));

CREATE INDEX run_unindexed ON public.run USING btree (run_id) WHERE unindexed;

CREATE INDEX search_metric_last ON public.search_metric USING btree (key_no, last, neg_start, run_id) INCLUDE (experiment_no);

CREATE INDEX search_metric_max ON public.search_metric USING btree (key_no, max, neg_start, run_id) INCLUDE (experiment_no);

CREATE INDEX search_metric_min ON public.search_metric USING btree (key_no, min, neg_start, run_id) INCLUDE (experiment_no);

CREATE INDEX search_metric_run ON public.search_metric USING btree (run_id);

CREATE INDEX search_text_run ON public.search_text USING btree (run_id);

CREATE UNIQUE INDEX search_text_value ON public.search_text USING btree (key_no, value, neg_start, run_id) INCLUDE (experiment_no);

ALTER TABLE ONLY public.dataset_use
    ADD CONSTRAINT dataset_use_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES public.dataset(dataset_id);

ALTER TABLE ONLY public.dataset_use
    ADD CONSTRAINT dataset_use_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES public.experiment(experiment_id);

ALTER TABLE ONLY public.logged_model
    ADD CONSTRAINT logged_model_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES public.experiment(experiment_id);

ALTER TABLE ONLY public.logged_model_metric
    ADD CONSTRAINT logged_model_metric_model_id_series_fkey FOREIGN KEY (model_id, series) REFERENCES public.logged_model_series(model_id, series);

ALTER TABLE ONLY public.logged_model_series
    ADD CONSTRAINT logged_model_series_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.logged_model(model_id);

ALTER TABLE ONLY public.model_alias
    ADD CONSTRAINT model_alias_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.registered_model(model_id);

ALTER TABLE ONLY public.model_alias
    ADD CONSTRAINT model_alias_model_id_version_fkey FOREIGN KEY (model_id, version) REFERENCES public.model_version(model_id, version);

ALTER TABLE ONLY public.model_evaluation
    ADD CONSTRAINT model_evaluation_model_id_version_fkey FOREIGN KEY (model_id, version) REFERENCES public.model_version(model_id, version) ON DELETE CASCADE;

ALTER TABLE ONLY public.model_name
    ADD CONSTRAINT model_name_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.registered_model(model_id);

ALTER TABLE ONLY public.model_version_metric
    ADD CONSTRAINT model_version_metric_model_id_version_fkey FOREIGN KEY (model_id, version) REFERENCES public.model_version(model_id, version) ON DELETE CASCADE;

ALTER TABLE ONLY public.model_version
    ADD CONSTRAINT model_version_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.registered_model(model_id);

ALTER TABLE ONLY public.run_dataset
    ADD CONSTRAINT run_dataset_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES public.dataset(dataset_id);

ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES public.experiment(experiment_id);

ALTER TABLE ONLY public.run_model
    ADD CONSTRAINT run_model_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.logged_model(model_id);
