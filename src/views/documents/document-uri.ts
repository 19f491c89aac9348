/** The address of a read-only document about an instance; it stays right over a reload of the window. */
import * as v from 'valibot';
import { labelText } from '../text';

export const documentScheme = 'sidestep';

export const documentKinds = ['status', 'command line'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** An instance as its node in the tree has it. */
export interface InstanceName {
  readonly hostId: string;
  readonly uuid: string;
  /** The domain's. */
  readonly name: string;
  readonly instanceId: number;
}

export interface DocumentAddress {
  readonly kind: DocumentKind;
  readonly hostId: string;
  readonly uuid: string;
  readonly instanceId: number;
}

const Query = v.object({
  kind: v.picklist(documentKinds),
  hostId: v.string(),
  uuid: v.string(),
  instanceId: v.number(),
});

/** The parts of a `vscode.Uri`. The path ends in what the editor's tab is called: `devbox #7 status`. */
export function documentUri(
  kind: DocumentKind,
  { hostId, uuid, name, instanceId }: InstanceName,
): { scheme: string; path: string; query: string } {
  const title = `${labelText(name, 40)} #${instanceId} ${kind}`;
  const address: DocumentAddress = { kind, hostId, uuid, instanceId };
  return {
    scheme: documentScheme,
    path: `/${title.replaceAll('/', '∕')}`,
    query: JSON.stringify(address),
  };
}

/** Undefined for an address that is none of ours. */
export function documentAddress({
  query,
}: {
  readonly query: string;
}): DocumentAddress | undefined {
  try {
    return v.parse(Query, JSON.parse(query));
  } catch {
    return undefined;
  }
}
