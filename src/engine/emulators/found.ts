/** The QEMU binaries of a host, each with what it can do or why it cannot be asked. */
import type { Emulator } from '../../qemu/emulator';
import { emulatorsOnPath } from './on-path';
import type { EmulatorCatalog, FoundEmulator } from './catalog';
import type { StateFolder } from '../state/state-folder';

/** What of an emulator decides the mode of a migration. */
export interface Abilities {
  readonly ignoreShared: boolean;
  readonly cprTransfer: boolean;
  /** Whether a machine can be started ready for `cpr-transfer`. */
  readonly auxRamShare: boolean;
}

/** Those that the domains run on, and every `qemu-system-*` on the host's PATH; by path. */
export async function findEmulators(
  state: StateFolder,
  catalog: EmulatorCatalog,
  signal?: AbortSignal,
): Promise<FoundEmulator[]> {
  const [{ tables }, onPath] = await Promise.all([state.read(), emulatorsOnPath(state.host)]);
  signal?.throwIfAborted();
  const used = tables.instances.map(({ emulator }) => emulator);
  const paths = [...new Set([...used, ...onPath])].sort();
  return catalog.describeEach(paths, signal);
}

export function abilitiesOf({
  migrationCapabilities,
  migrationModes,
  options,
}: Emulator): Abilities {
  return {
    ignoreShared: migrationCapabilities.has('x-ignore-shared'),
    cprTransfer: migrationModes.has('cpr-transfer'),
    auxRamShare: options.get('machine')?.has('aux-ram-share') === true,
  };
}
