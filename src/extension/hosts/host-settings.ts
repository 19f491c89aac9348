/** The SSH hosts in the setting `sidestep.hosts`. Written by hand too, so nothing of it is taken on trust. */
import * as v from 'valibot';

/** The id of this machine: no host in the settings has it. */
export const localHostId = 'local';

const Text = v.pipe(v.string(), v.trim(), v.nonEmpty('must not be empty'));

const Entry = v.object({
  id: v.optional(Text),
  name: v.optional(Text),
  destination: v.pipe(
    Text,
    v.regex(/^[^\s-]\S*$/, 'is no name of the SSH configuration and no user@host:port'),
  ),
  sudo: v.optional(v.boolean(), false),
  stateDir: v.optional(v.pipe(Text, v.startsWith('/', 'must be a full path'))),
});

/** A host as the settings have it, with what was left out filled in. */
export interface HostSettings {
  /** Stable, and its own: by default the destination. */
  readonly id: string;
  readonly name: string;
  /** A name of the SSH configuration, or `user@host:port`. */
  readonly destination: string;
  /** Whether what belongs to root is reached with `sudo -n`. */
  readonly sudo: boolean;
  /** Where the state lies on the host, if not in its default folder. */
  readonly stateDir: string | undefined;
}

export interface ParsedHosts {
  readonly hosts: readonly HostSettings[];
  /** The entries that are left out, each with which it is and why. */
  readonly problems: readonly { readonly entry: unknown; readonly message: string }[];
}

/** @param value of the setting, whatever it is */
export function parseHosts(value: unknown): ParsedHosts {
  if (value === undefined || value === null) return { hosts: [], problems: [] };
  if (!Array.isArray(value)) {
    return { hosts: [], problems: [{ entry: value, message: 'it is not a list' }] };
  }
  const hosts: HostSettings[] = [];
  const problems: { entry: unknown; message: string }[] = [];
  for (const [index, entry] of (value as readonly unknown[]).entries()) {
    const leaveOut = (why: string) => {
      problems.push({ entry, message: `entry ${index + 1}: ${why}` });
    };
    const parsed = v.safeParse(Entry, entry);
    if (!parsed.success) {
      const [issue] = parsed.issues;
      leaveOut([v.getDotPath(issue), issue.message].filter(Boolean).join(' '));
      continue;
    }
    const { destination, sudo, stateDir } = parsed.output;
    const { id = destination, name = destination } = parsed.output;
    if (id === localHostId || hosts.some((host) => host.id === id)) {
      leaveOut(`another host has the id "${id}": give it an id of its own`);
    } else hosts.push({ id, name, destination, sudo, stateDir });
  }
  return { hosts, problems };
}

/** An entry as it is written to the settings: what is the default is left out. */
export function settingsEntry(host: HostSettings): Record<string, unknown> {
  const { id, name, destination, sudo, stateDir } = host;
  return {
    ...(id !== destination && { id }),
    name,
    destination,
    ...(sudo && { sudo }),
    ...(stateDir !== undefined && { stateDir }),
  };
}

/** An id for a new host: its destination, or with a number if another has that. */
export function freeHostId(destination: string, taken: readonly HostSettings[]): string {
  const ids = new Set([localHostId, ...taken.map(({ id }) => id)]);
  for (let number = 1; ; number++) {
    const id = number === 1 ? destination : `${destination} (${number})`;
    if (!ids.has(id)) return id;
  }
}
