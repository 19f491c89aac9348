/**
 * All domains of a libvirt, in one round trip however many there are: what is run on the host, and
 * how what it prints is read. Nothing here runs anything.
 */
import type { ConnectionUri } from '../connections';
import { virshRefusal, type LibvirtError } from '../errors';
import { domainState, type StateWithReason } from './domain-state';

/** A domain as libvirt lists it. */
export interface ListedDomain extends StateWithReason {
  readonly uuid: string;
  readonly name: string;
  /** libvirt's own number for the instance; undefined for a domain that does not run. */
  readonly id: number | undefined;
  /** Whether its definition stays when it is shut off. */
  readonly persistent: boolean;
  readonly autostart: boolean;
  /** Whether its next start restores a saved image. */
  readonly managedSave: boolean;
}

/** What a connection has, or why that cannot be told. */
export type ConnectionListing =
  | {
      readonly uri: ConnectionUri;
      readonly domains: readonly ListedDomain[];
      /** What libvirt has written down as the pids of its QEMUs, and of its own. */
      readonly pids: readonly number[];
    }
  | { readonly uri: ConnectionUri; readonly error: LibvirtError };

/**
 * virsh's commands. What `list` and `domstats` print begins with a UUID, `Domain: '` or spaces, and
 * libvirt allows no line break in a name: so what begins with `@` is one of our marks. `domstats`
 * knows no UUIDs, but names, which are unique in a connection.
 */
const virshCommands = [
  ...["echo '@domains@'", 'list --all --uuid --id --name'],
  ...["echo '@persistent@'", 'list --all --uuid --persistent'],
  ...["echo '@autostart@'", 'list --all --uuid --autostart'],
  ...["echo '@saved@'", 'list --all --uuid --with-managed-save'],
  ...["echo '@states@'", 'domstats --state --nowait'],
  "echo '@end@'",
].join('; ');

/**
 * A connection is there if a daemon's socket is: libvirtd's, or virtqemud's. Beside libvirt's sockets
 * lie its pid files, which hold a number without a line's end; their names are the domains', in part
 * escaped. Nothing is printed where there is no libvirt.
 */
const script = `
uri=$1
case $uri in
  */session) run=\${XDG_RUNTIME_DIR:-\${XDG_CACHE_HOME:-$HOME/.cache}}/libvirt pids=$run/qemu/run ;;
  *) run=/run/libvirt pids=$run/qemu ;;
esac
[ -S "$run/libvirt-sock" ] || [ -S "$run/virtqemud-sock" ] || exit 0
command -v virsh > /dev/null || exit 0
virsh --quiet --connect "$uri" "$2" < /dev/null || exit
printf '\\n@pids@'
for file in "$pids"/*.pid; do
  pid=
  [ -r "$file" ] && read -r pid < "$file"
  printf '%s\\n' "$pid"
done`;

/** To be run on the host with `virshEnvironment`. */
export function listingCommand(uri: ConnectionUri): string[] {
  return ['sh', '-c', script, 'sidestep-libvirt', uri, virshCommands];
}

/** What the command has printed, as text, and its exit status. */
export interface ListingOutput {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** @returns undefined where there is no such libvirt */
export function parseListing(
  uri: ConnectionUri,
  { status, stdout, stderr }: ListingOutput,
): ConnectionListing | undefined {
  if (status === 0 && stdout === '') return undefined;
  const sections = sectionsOf(stdout);
  // The status is that of virsh's last command only.
  if (status !== 0 || !sections.has('end') || /^error: /m.test(stderr)) {
    return { uri, error: virshRefusal(stderr, status, uri) };
  }
  const pids = (sections.get('pids') ?? []).map(Number).filter((pid) => pid > 0);
  return { uri, domains: domainsOf(sections), pids };
}

/** Lines by the mark they come after; virsh's `echo` ends none, so marks may stand before a line. */
function sectionsOf(text: string): Map<string, string[]> {
  const sections = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split('\n')) {
    let rest = line;
    for (let mark = /^@(\w+)@/.exec(rest); mark !== null; mark = /^@(\w+)@/.exec(rest)) {
      sections.set(mark[1] ?? '', (current = []));
      rest = rest.slice(mark[0].length);
    }
    if (rest !== '') current.push(rest);
  }
  return sections;
}

function domainsOf(sections: ReadonlyMap<string, readonly string[]>): ListedDomain[] {
  const linesOf = (mark: string) => sections.get(mark) ?? [];
  const uuids = (mark: string) => new Set(linesOf(mark).map((line) => line.trim()));
  const [persistent, autostart, saved] = ['persistent', 'autostart', 'saved'].map(uuids);
  const states = statesOf(linesOf('states'));
  return linesOf('domains').flatMap((line) => {
    const [, uuid, id, name] = /^([0-9a-f-]{36}) (\d+|-) (.*)$/.exec(line) ?? [];
    if (uuid === undefined || name === undefined) return [];
    return {
      uuid,
      name,
      id: id === '-' ? undefined : Number(id),
      // One that has ended or begun between two of the commands: its next listing tells.
      ...(states.get(name) ?? domainState(0, 0)),
      persistent: persistent?.has(uuid) === true,
      autostart: autostart?.has(uuid) === true,
      managedSave: saved?.has(uuid) === true,
    };
  });
}

/** By name, from `domstats --state`. */
function statesOf(lines: readonly string[]): Map<string, StateWithReason> {
  const states = new Map<string, StateWithReason>();
  let name = '';
  let state = 0;
  for (const line of lines) {
    name = /^Domain: '(.*)'$/.exec(line)?.[1] ?? name;
    state = Number(/^ {2}state\.state=(\d+)$/.exec(line)?.[1] ?? state);
    const reason = /^ {2}state\.reason=(\d+)$/.exec(line)?.[1];
    if (reason !== undefined) states.set(name, domainState(state, Number(reason)));
  }
  return states;
}
