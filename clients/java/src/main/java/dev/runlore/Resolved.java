package dev.runlore;

import dev.runlore.v1.ResolveResponse;
import java.time.Instant;

/**
 * What a reference stands for.
 *
 * @param response the registry's answer
 * @param stale whether the registry was down, and this is its last good answer from this machine's cache
 * @param time when the registry gave the answer
 */
public record Resolved(ResolveResponse response, boolean stale, Instant time) {}
