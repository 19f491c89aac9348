/** What both sides are told of the channel the guest goes through. */
import type { MigrationSettings } from '../evidence';
import type { Mode } from '../mode';
import type { Instance } from '../state/records';

/**
 * Capabilities of a migration in this mode. The source must learn that the target failed
 * (`return-path`), and we the states as events.
 */
export function capabilitiesFor(mode: Mode): ReadonlySet<string> {
  return new Set([
    'events',
    'return-path',
    ...leavingOut(mode),
    ...(mode === 'postcopy' ? ['postcopy-ram'] : []),
  ]);
}

/** What QEMU has against a guest that writes faster than the channel carries. */
const throttling = ['auto-converge', 'dirty-limit'];

/** Of what the source's owner has turned on, what stays: slowing down a guest is not ours to decide. */
export function keptCapabilities(mode: Mode, on: ReadonlySet<string>): string[] {
  return mode === 'precopy' ? throttling.filter((name) => on.has(name)) : [];
}

/**
 * Those that leave RAM out. Whoever else saves the guest would do so without its RAM: the source has
 * them from `migrate` on, and not before.
 */
export function leavingOut(mode: Mode): readonly string[] {
  return mode === 'ignore-shared' ? ['x-ignore-shared'] : [];
}

/** Arguments of `migrate-set-capabilities`: these on, all others that are on now off. */
export function setCapabilities(wanted: ReadonlySet<string>, on: ReadonlySet<string>): object {
  return {
    capabilities: [
      ...[...on].filter((name) => !wanted.has(name)).map((name) => entry(name, false)),
      ...[...wanted].map((name) => entry(name, true)),
    ],
  };
}

function entry(capability: string, state: boolean): { capability: string; state: boolean } {
  return { capability, state };
}

/** Bytes per second: more than any memory moves, so that nothing on one host is held back. */
const unlimitedBandwidth = 1024 ** 4;

/** Parameters of the source for this mode; those it does not know are left out by the caller. */
export function parametersFor(mode: Mode): Readonly<Record<string, unknown>> {
  return {
    'max-bandwidth': unlimitedBandwidth,
    ...(mode === 'cpr-transfer' && { mode: 'cpr-transfer' }),
  };
}

/**
 * QEMU's own defaults, for a source of which nobody knows any more how it was set up. libvirt turns
 * events on when it starts a QEMU, and relies on them ever after.
 */
export function untouchedSettings(
  mode: Mode,
  { libvirt }: Pick<Instance, 'libvirt'>,
): MigrationSettings {
  return {
    capabilities: new Set(libvirt === undefined ? [] : ['events']),
    parameters: {
      'max-bandwidth': 128 * 1024 ** 2,
      ...(mode === 'cpr-transfer' && { mode: 'normal' }),
    },
  };
}

/** Arguments of `migrate`. */
export function migrateArguments(
  mode: Mode,
  paths: { readonly migration: string; readonly cpr: string },
): object {
  if (mode !== 'cpr-transfer') return { uri: `unix:${paths.migration}` };
  return {
    channels: [unixChannel('main', paths.migration), unixChannel('cpr', paths.cpr)],
  };
}

function unixChannel(type: 'main' | 'cpr', path: string): object {
  return { 'channel-type': type, addr: { transport: 'socket', type: 'unix', path } };
}
