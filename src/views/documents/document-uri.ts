/** The address of a read-only document about a domain or its instance; it stays right over a reload of the window. */
import * as v from 'valibot';
import { connectionUris, type ConnectionUri } from '../../libvirt/connections';
import { labelText } from '../text';

export const documentScheme = 'sidestep';

export const documentKinds = ['status', 'command line', 'live XML', 'persistent XML'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** An instance as its node in the tree has it. */
export interface InstanceName {
  readonly hostId: string;
  /** Of the libvirt that runs it, if it is not the engine's. */
  readonly connection?: ConnectionUri | undefined;
  readonly uuid: string;
  /** The domain's. */
  readonly name: string;
  readonly instanceId: number;
}

/** A domain of libvirt's. */
export interface DefinitionName extends Omit<InstanceName, 'instanceId'> {
  readonly connection: ConnectionUri;
}

export interface DocumentAddress {
  readonly kind: DocumentKind;
  readonly hostId: string;
  readonly connection?: ConnectionUri | undefined;
  readonly uuid: string;
  /** Missing for what is of the domain as such. */
  readonly instanceId?: number | undefined;
}

const Query = v.object({
  kind: v.picklist(documentKinds),
  hostId: v.string(),
  connection: v.optional(v.picklist(connectionUris)),
  uuid: v.string(),
  instanceId: v.optional(v.number()),
});

/** The parts of a `vscode.Uri`. The path ends in what the editor's tab is called: `devbox #7 status`. */
export function documentUri(
  kind: DocumentKind,
  name: InstanceName | DefinitionName,
): { scheme: string; path: string; query: string } {
  const { hostId, connection, uuid } = name;
  const instanceId = 'instanceId' in name ? name.instanceId : undefined;
  const address: DocumentAddress = { kind, hostId, connection, uuid, instanceId };
  return {
    scheme: documentScheme,
    path: `/${title(kind, labelText(name.name, 40), instanceId).replaceAll('/', '∕')}`,
    query: JSON.stringify(address),
  };
}

/** VS Code tells by the end of the name that it is XML. */
function title(kind: DocumentKind, name: string, instanceId: number | undefined): string {
  switch (kind) {
    case 'live XML':
      return `${name} live.xml`;
    case 'persistent XML':
      return `${name} persistent.xml`;
    default:
      return `${name} #${instanceId ?? 0} ${kind}`;
  }
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
