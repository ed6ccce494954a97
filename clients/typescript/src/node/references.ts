/** Where files are, as people write it. */

import { invalidField } from "../errors.js";

/** Files of a model's version, a run or a manifest. */
export interface Source {
  readonly kind: "model" | "run" | "manifest";
  /** What to resolve, a run's id, or a digest. */
  readonly name: string;
  /** A file or folder among them; empty for all. */
  readonly path: string;
}

const FORMS: readonly [Source["kind"], RegExp][] = [
  ["run", /^runs:\/+([0-9a-f]{32})(?:\/(.*))?$/s],
  ["model", /^(models:\/[^/:@]+(?:@[A-Za-z0-9_-]+|\/[1-9][0-9]*|\/[A-Za-z]+))(?:\/(.*))?$/s],
  ["manifest", /^manifests:\/*([0-9a-f]{64})(?:\/(.*))?$/s],
];

/** Takes a reference apart; throws RunloreError. */
export function parseReference(text: string): Source {
  for (const [kind, form] of FORMS) {
    const [, name, path] = form.exec(text) ?? [];
    if (name !== undefined) {
      return { kind, name, path: (path ?? "").replace(/^\/+|\/+$/g, "") };
    }
  }
  throw invalidField(
    "reference",
    `is '${text}': give 'models:/<name>@<alias>', 'models:/<name>/<version>' (or a stage, or 'latest', in place of the ` +
      "version), 'runs:/<run_id>' or 'manifests:<digest>', and '/<path>' behind it for a part of the files",
  );
}
