/** The contract, `runlore.v1`: every message, enum and service. */
export * from "../gen/runlore/v1/alias_pb.js";
export * from "../gen/runlore/v1/artifact_pb.js";
export * from "../gen/runlore/v1/common_pb.js";
export * from "../gen/runlore/v1/dataset_pb.js";
export * from "../gen/runlore/v1/error_pb.js";
export * from "../gen/runlore/v1/event_pb.js";
export * from "../gen/runlore/v1/logged_model_pb.js";
export * from "../gen/runlore/v1/metric_pb.js";
export * from "../gen/runlore/v1/registered_model_pb.js";
export * from "../gen/runlore/v1/registry_pb.js";
export * from "../gen/runlore/v1/resolve_pb.js";
export * from "../gen/runlore/v1/server_pb.js";
export * from "../gen/runlore/v1/tracking_pb.js";
