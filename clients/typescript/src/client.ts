/** A client: the contract's services, typed, and a watch that outlives its connections. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client as ServiceClient } from "@connectrpc/connect";

import type { Caller } from "./calls.js";
import {
  ArtifactService,
  type Event,
  EventService,
  LoggedModelService,
  RegistryService,
  ServerService,
  TrackingService,
  type WatchRequestSchema,
} from "./v1.js";
import { watch, type WatchOptions } from "./watch.js";

/** Calls to one server. Get one from `connect`. */
export class Client {
  readonly tracking: ServiceClient<typeof TrackingService>;
  readonly loggedModels: ServiceClient<typeof LoggedModelService>;
  readonly registry: ServiceClient<typeof RegistryService>;
  readonly artifacts: ServiceClient<typeof ArtifactService>;
  readonly events: ServiceClient<typeof EventService>;
  readonly server: ServiceClient<typeof ServerService>;
  /** The server, as `host:port`. */
  readonly address: string;
  protected readonly caller: Caller;

  constructor(caller: Caller) {
    this.caller = caller;
    this.address = caller.place.address;
    this.tracking = caller.service(TrackingService);
    this.loggedModels = caller.service(LoggedModelService);
    this.registry = caller.service(RegistryService);
    this.artifacts = caller.service(ArtifactService);
    this.events = caller.service(EventService);
    this.server = caller.service(ServerService);
  }

  /**
   * Yields events as they are committed, each once and each record's in order, and goes on after the last one whenever
   * a connection or a server ends.
   *
   * Without `afterPosition` it begins with what is committed from now on. A process that starts anew goes on after the
   * `position` of the last event that it dealt with. The first server has to answer within the timeout; later ones are
   * waited for. Ends with the loop that reads it, and rejects with Canceled when the signal is aborted; also with
   * NotFound, and with OutOfRange or FailedPrecondition for a position that no longer counts.
   */
  watch(request: MessageInitShape<typeof WatchRequestSchema>, options: WatchOptions = {}): AsyncGenerator<Event, void> {
    return watch(this, this.caller.timeoutMs, request, options);
  }

  /** Ends what is under way, as cancelled, and lets go of all connections. */
  close(): void {
    this.caller.close();
  }
}
