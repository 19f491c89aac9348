/**
 * What a client has left that is gone: a migration, or a hand-back to libvirt, goes on from its
 * journal. If the guest has moved it is finished, otherwise undone; docs/reliability.md has the tables.
 */
import { dirname } from 'node:path';
import { isMigrationUnderWay } from '../../qemu/migration';
import type { EmulatorCatalog } from '../emulators/catalog';
import { finishHandback } from '../handback/resume';
import { InstanceMonitor } from '../instance-monitor';
import { traceFileName } from '../inventory/traces';
import { remainders, untilMoved } from '../libvirt/take-in';
import { isHostLost } from '../migration/failures';
import { Journal, readJournal, type JournalEntry } from '../migration/journal';
import type { TakenBack } from '../migration/migration';
import { finishMigration } from '../migration/resume';
import type { Domain, StartedInstance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { TraceWriter } from '../trace/file';
import { traceVersion } from '../trace/record';
import { Trace, untraced, type TraceListener } from '../trace/trace';
import type { Resumed } from './resumed';

export interface Recovery {
  readonly domain: Domain;
  readonly outcome: 'moved' | 'stayed' | 'lost';
  /** Whether the domain is libvirt's now, and the engine has nothing more to do with it. */
  readonly isLibvirts: boolean;
  readonly takenBack: readonly TakenBack[];
  readonly tracePath: string;
}

export interface RecoverOptions {
  /** Cancels a migration that QEMU is still at; otherwise it is left to come to its end. */
  readonly signal?: AbortSignal;
  /** Leave one that QEMU is still at to whoever comes later, unless it is to be cancelled. */
  readonly atOnce?: boolean;
  /** Hears every record as it happens. */
  readonly onRecord?: TraceListener;
}

/**
 * @returns undefined if there is nothing to be recovered, or not yet
 * @throws SidestepError `DOMAIN_BUSY` while the client that migrates it lives, `RECOVERY_UNDECIDED`
 */
export async function recover(
  state: StateFolder,
  emulators: EmulatorCatalog,
  uuid: string,
  options: RecoverOptions = {},
): Promise<Recovery | undefined> {
  const found = await state.readDomain(uuid);
  if (found === undefined) return undefined;
  const isBegun = found.journal !== undefined;
  if (!isBegun && (await remainders(state, uuid)).length === 0) return undefined;
  const lock = await state.lockDomain(found.domain);
  let journal: Journal | undefined;
  try {
    // Its client may have come to an end of it just now.
    const now = await state.readDomain(uuid);
    if (now?.journal === undefined) return undefined;
    const entries = readJournal(now.journal);
    const waits = options.atOnce === true && !isToBeCancelled(entries);
    if (waits && (await isQemuAtIt(state, entries))) return undefined;
    journal = new Journal(state.host, state.journalPath(uuid));
    await journal.open();
    const resumed = { state, emulators, journal, domain: now.domain, entries };
    const [recovery] = await Promise.all([goOn(resumed, options), state.sweep()]);
    return recovery;
  } finally {
    await journal?.close();
    await untilMoved(state, lock, uuid).release(journal?.removal);
  }
}

/** Whether the source is on its way: a look that nobody reads of. */
async function isQemuAtIt(state: StateFolder, entries: readonly JournalEntry[]): Promise<boolean> {
  const source = sourceIn(entries);
  if (source === undefined) return false;
  try {
    const monitor = await InstanceMonitor.connect(state.host, source, untraced(state.host));
    const { status } = await monitor.queryMigration().finally(() => {
      monitor.close();
    });
    return isMigrationUnderWay(status);
  } catch (error) {
    if (isHostLost(error)) throw error;
    return false;
  }
}

/** Whether its client wished so for the case that it is gone. */
function isToBeCancelled(entries: readonly JournalEntry[]): boolean {
  return entries.some((entry) => entry.kind === 'begin' && entry.onClose === 'cancel');
}

function sourceIn(entries: readonly JournalEntry[]): StartedInstance | undefined {
  const entry = entries.findLast(({ kind }) => kind === 'cookies' || kind === 'handback');
  return entry !== undefined && 'source' in entry && typeof entry.source === 'object'
    ? entry.source.instance
    : undefined;
}

async function goOn(
  { state, domain, entries, ...own }: Omit<Resumed, 'trace' | 'signal'>,
  { signal: cancel = new AbortController().signal, onRecord }: RecoverOptions,
): Promise<Recovery> {
  const signal = isToBeCancelled(entries) ? AbortSignal.abort() : cancel;
  const trace = new Trace(() => state.host.now());
  const { path: tracePath, hasBegun } = await traceToContinue(state, domain, entries);
  // Without a trace the guest is no less to be brought to safety.
  const writer = new TraceWriter(state.host.openAppend(tracePath), () => undefined);
  trace.listen(writer.listener);
  if (onRecord !== undefined) trace.listen(onRecord);
  if (!hasBegun) {
    const { name, uuid } = domain;
    trace.add({ type: 'header', version: traceVersion, host: state.host.name, domain: name, uuid });
  }
  trace.add({
    type: 'warning',
    code: 'RECOVERED',
    message: [
      'The client that began this migration is gone. Another one goes on from its journal.',
      ...(isToBeCancelled(entries)
        ? ['It was to be cancelled then, unless the guest has moved.']
        : []),
    ].join(' '),
  });
  try {
    const resumed = { state, domain, entries, ...own, trace, signal };
    const handback = entries.find((entry) => entry.kind === 'handback');
    const recovered =
      handback === undefined
        ? await finishMigration(resumed)
        : await finishHandback(resumed, handback);
    trace.add({ type: 'verdict', outcome: recovered.outcome });
    return { domain, ...recovered, tracePath };
  } finally {
    await writer.close();
  }
}

/** One migration, one trace; a new one where the client had its own elsewhere. */
async function traceToContinue(
  state: StateFolder,
  domain: Domain,
  entries: readonly JournalEntry[],
): Promise<{ path: string; hasBegun: boolean }> {
  const begun = entries.find((entry) => entry.kind === 'begin');
  const path = begun?.trace;
  if (path === undefined || dirname(path) !== state.traceFolder) {
    const name = traceFileName(state.host.now(), domain.name, domain.source);
    return { path: state.tracePath(name), hasBegun: false };
  }
  const [stat] = await state.host.files([{ op: 'stat', path }]);
  return { path, hasBegun: stat !== undefined && stat.size > 0 };
}
