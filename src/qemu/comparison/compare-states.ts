/**
 * What of the state that one emulator sends another one cannot read, from what both say of their
 * devices (migration/vmstate.c): pure.
 */
import type { DeviceStates, StateDescription, StateField } from './vmstate';

export interface StateDifference {
  /**
   * - `version`: the sender's is newer than the reader knows, or older than it still reads
   * - `fields`: both call it the same version, and the bytes lie otherwise
   * - `subsection`: the reader does not know it; whether it is sent depends on the guest
   */
  readonly kind: 'version' | 'fields' | 'subsection';
  /** As QEMU names it, with what it is part of: `am53c974/esp`. */
  readonly section: string;
  /** What is different, for the user; of a subsection its name. */
  readonly detail: string;
}

/** By type of device, those that differ; of a type that the reader does not have there is none. */
export function compareStates(
  sender: DeviceStates,
  reader: DeviceStates,
): ReadonlyMap<string, readonly StateDifference[]> {
  const found = new Map<string, readonly StateDifference[]>();
  for (const [type, sent] of sender) {
    const read = reader.get(type);
    if (read === undefined) continue;
    const differences = compare(type, sent, read);
    if (differences.length > 0) found.set(type, differences);
  }
  return found;
}

function compare(
  section: string,
  sent: StateDescription,
  read: StateDescription,
): StateDifference[] {
  const version = compareVersions(section, sent, read);
  if (version !== undefined) return [version];
  return [
    ...(sent.version_id === read.version_id ? compareFields(section, sent, read) : []),
    ...structuresOf(sent).flatMap(([field, structure]) => {
      // A PCI device has its MSI-X table in a second field of the same name.
      const other = structuresOf(read).find(
        ([name, { name: type }]) => name === field && type === structure.name,
      )?.[1];
      return other === undefined ? [] : compare(`${section}/${field}`, structure, other);
    }),
    ...compareSubsections(section, sent, read),
  ];
}

function compareVersions(
  section: string,
  sent: StateDescription,
  read: StateDescription,
): StateDifference | undefined {
  const { version_id: there } = sent;
  const { version_id: here, minimum_version_id: oldest } = read;
  if (there > here) {
    return {
      kind: 'version',
      section,
      detail: `version ${there}, where ${here} is the newest known`,
    };
  }
  if (there < oldest) {
    return {
      kind: 'version',
      section,
      detail: `version ${there}, where ${oldest} is the oldest read`,
    };
  }
  return undefined;
}

/**
 * Fields that both always send, in order. Where some differ, the bytes that they take in all must not,
 * unless one side only skips them: a developer has seen to it then.
 */
function compareFields(
  section: string,
  sent: StateDescription,
  read: StateDescription,
): StateDifference[] {
  const [there, here] = [plainFields(sent), plainFields(read)];
  const gone = without(there, here);
  const added = without(here, there);
  const isSkipped = [gone, added].some(
    (fields) => fields.length > 0 && fields.every(({ field }) => field === 'unused'),
  );
  if (isSkipped || bytes(gone) === bytes(added)) return [];
  const differing = [...new Set([...gone, ...added].map(({ field }) => field))];
  return [{ kind: 'fields', section, detail: `fields ${differing.join(', ')}` }];
}

function compareSubsections(
  section: string,
  sent: StateDescription,
  read: StateDescription,
): StateDifference[] {
  return (sent.Subsections ?? []).flatMap((subsection) => {
    const other = read.Subsections?.find(({ name }) => name === subsection.name);
    if (other !== undefined) return compare(`${section}/${subsection.name}`, subsection, other);
    return [
      {
        kind: 'subsection' as const,
        section,
        detail: subsection.name,
      },
    ];
  });
}

/** Those that a device always sends; structures are compared by themselves. */
function plainFields({ Fields = [] }: StateDescription): StateField[] {
  return Fields.filter((field) => !field.field_exists && field.Description === undefined);
}

/** Those of the one list that the other has not, each counted. */
function without(fields: readonly StateField[], others: readonly StateField[]): StateField[] {
  const rest = [...others];
  return fields.filter(({ field, size }) => {
    const index = rest.findIndex((other) => other.field === field && other.size === size);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
}

function structuresOf({ Fields = [] }: StateDescription): [string, StateDescription][] {
  return Fields.flatMap(({ field, Description }) =>
    Description === undefined ? [] : [[field, Description]],
  );
}

function bytes(fields: readonly StateField[]): number {
  return fields.reduce((sum, { size }) => sum + size, 0);
}
