/**
 * A migration that another client has under way is cancelled beside it, through QEMU itself: that client
 * sees it, and undoes what it has begun. One whose client is gone is undone here.
 */
import { receivingProcess } from '../handback/receiving-process';
import { HostError } from '../../host/errors';
import type { ProcessIdentity } from '../../host/process';
import { isMigrationUnderWay, isPostcopy } from '../../qemu/migration';
import { greetingTimeoutMs, onUserMonitor } from '../console';
import type { EmulatorCatalog } from '../emulators/catalog';
import { endingMs, endsWithin } from '../ends-within';
import { SidestepError } from '../errors';
import { InstanceMonitor } from '../instance-monitor';
import { recover } from './recover';
import { nextChange } from '../state/next-change';
import type { Domain } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { untraced } from '../trace/trace';
import { cancelBeforeSwitchover } from '../migration/cancel';
import { noteCancel, removeNote } from '../migration/cancelled-elsewhere';
import type { SourceCookie } from '../migration/cookies';
import { isCancel, isHostLost } from '../migration/failures';
import { notMigrating } from '../migration/find-source';
import { readJournal, type JournalEntry } from '../migration/journal';
import { findProcess } from '../migration/resume';

/** No event tells how far the other client is; in ms. */
const lookAgainMs = 100;
/** How long the other client may take to undo what it has begun, in ms. */
const undoingMs = 10_000;

/**
 * Resolves when the guest is at the source for good, and what was begun is undone.
 * @throws SidestepError `NOT_MIGRATING`, `SWITCHED_OVER` if the guest has left the source, `CANCELLED` by
 *   the signal, `MONITOR_BUSY` and others of `onUserMonitor`
 */
export async function cancelElsewhere(
  state: StateFolder,
  emulators: EmulatorCatalog,
  domain: Domain,
  signal?: AbortSignal,
): Promise<void> {
  const { host } = state;
  let underWay: UnderWay | undefined;
  let isSeen = false;
  let isToLibvirt = false;
  let cancelledAt: number | undefined;
  try {
    for (;;) {
      throwIfLeft(domain, signal);
      const now = await state.readDomain(domain.uuid);
      if (now?.journal === undefined) {
        if (!isSeen) throw notMigrating(domain);
        // One that has left the tables is libvirt's, as it was before or as it was to be.
        const isWhereItWas = now ? now.domain.source === domain.source : !isToLibvirt;
        if (cancelledAt === undefined && !isWhereItWas) throw switchedOver(domain);
        return;
      }
      isSeen = true;
      // Its tables have moved already: what is left of it is only what comes after.
      const begun = begunIn(now.journal);
      if (begun !== undefined && begun.source.instance.id !== domain.source)
        throw switchedOver(begun.source.domain);
      if (!(await state.isClaimed(domain.uuid))) {
        await cancelLeft(state, emulators, domain);
        continue;
      }
      if (cancelledAt === undefined) {
        underWay ??= begun && (await lookInto(state, now.domain, begun, signal));
        if (underWay !== undefined) {
          isToLibvirt = underWay.isToLibvirt;
          if (await tryOnce(underWay)) cancelledAt = host.now();
          // By that monitor libvirt is given the guest, and it is brought home.
          if (isToLibvirt || cancelledAt !== undefined) {
            underWay.monitor.close();
            underWay = undefined;
          }
        }
      } else if (host.now() - cancelledAt > undoingMs * 1000) return;
      await nextChange(host, state.claimsFolder, lookAgainMs);
    }
  } finally {
    underWay?.monitor.close();
  }
}

interface UnderWay {
  readonly state: StateFolder;
  readonly source: SourceCookie;
  readonly monitor: InstanceMonitor;
  readonly isToLibvirt: boolean;
  /** The migration's own, as long as it is under way. */
  readonly folder: string;
  /** Undefined as long as it is not started. */
  readonly findTarget: () => Promise<ProcessIdentity | undefined>;
}

type Begun = Extract<JournalEntry, { readonly kind: 'cookies' | 'handback' }>;

/** What QEMU may be at; undefined as long as nothing is started. */
function begunIn(journal: string): Begun | undefined {
  const entry = readJournal(journal).findLast(
    ({ kind }) => kind === 'cookies' || kind === 'handback',
  );
  return entry?.kind === 'cookies' || entry?.kind === 'handback' ? entry : undefined;
}

/** @returns undefined as long as there is nothing to be cancelled at QEMU */
async function lookInto(
  state: StateFolder,
  domain: Domain,
  entry: Begun,
  signal: AbortSignal | undefined,
): Promise<UnderWay | undefined> {
  const { source } = entry;
  if (source.instance.id !== domain.source) throw switchedOver(source.domain);
  const side =
    entry.kind === 'handback'
      ? {
          isToLibvirt: true,
          folder: entry.folder,
          findTarget: () => receivingProcess({ host: state.host, domain }),
        }
      : {
          isToLibvirt: false,
          folder: state.instanceFolder(entry.target.instance.id),
          findTarget: () => findProcess(state, source.domain, entry.target.instance.id),
        };
  try {
    return { state, source, ...side, monitor: await connect(state, source, signal) };
  } catch (error) {
    throwIfLeft(domain, signal);
    if (isHostLost(error)) throw error;
    // A QEMU that is ending closes its monitors first, and its client comes to the end of it then.
    if (await endsWithin(state.host, source.instance.process, endingMs)) return undefined;
    // It gives back its memory for a while yet.
    if (await isSource(state, source)) throw error;
    return undefined;
  }
}

async function isSource(state: StateFolder, { domain, instance }: SourceCookie): Promise<boolean> {
  return (await state.readDomain(domain.uuid))?.domain.source === instance.id;
}

/** Not by the engine's own monitor, which the other client holds; libvirt's is shared. */
async function connect(
  state: StateFolder,
  { domain, instance }: SourceCookie,
  signal: AbortSignal | undefined,
): Promise<InstanceMonitor> {
  const { host } = state;
  const options = { ...(signal && { signal }), greetingTimeoutMs };
  if (instance.libvirt !== undefined) {
    return InstanceMonitor.connect(host, instance, untraced(host), options);
  }
  return onUserMonitor(
    state,
    { domain, instance },
    (monitor) =>
      InstanceMonitor.connect(host, { id: instance.id, monitor }, untraced(host), options),
    signal,
  );
}

/** @returns false if it is too early, or too late */
async function tryOnce(underWay: UnderWay): Promise<boolean> {
  const { source, monitor, findTarget } = underWay;
  try {
    const [runState, { status }] = await Promise.all([
      monitor.queryRunState(),
      monitor.queryMigration(),
    ]);
    const isHere = runState === source.runState;
    if (isPostcopy(status) || (status === 'completed' && !isHere)) {
      throw switchedOver(source.domain);
    }
    if (!isMigrationUnderWay(status) || !isHere) return false;
    const target = await findTarget();
    if (target === undefined) return false;
    return await cancelNoted(underWay, target);
  } catch (error) {
    // It closes its monitor as it ends.
    if (!monitor.client.isOpen) return false;
    throw error;
  }
}

async function cancelNoted(
  { state: { host }, source, monitor, folder }: UnderWay,
  target: ProcessIdentity,
): Promise<boolean> {
  let isCancelled = false;
  try {
    await host.files([noteCancel(folder)]);
    isCancelled = await cancelBeforeSwitchover(host, monitor, target, source.runState);
  } catch (error) {
    // It does not answer within the switchover; and the folder goes with the migration.
    const isOver = error instanceof HostError && error.code === 'NO_SUCH_FILE';
    if (!isOver && !isCancel(error)) throw error;
  } finally {
    if (!isCancelled) await host.files([removeNote(folder)]);
  }
  return isCancelled;
}

/** Its client is gone, and whoever comes next is we. */
async function cancelLeft(
  state: StateFolder,
  emulators: EmulatorCatalog,
  domain: Domain,
): Promise<void> {
  const recovery = await recover(state, emulators, domain.uuid, { signal: AbortSignal.abort() });
  if (recovery?.outcome === 'moved') throw switchedOver(domain);
  if (recovery?.outcome !== 'lost') return;
  throw new SidestepError(
    'TARGET_LOST',
    `No process has the guest of domain "${domain.name}" any more.`,
    { outcome: 'lost', hint: 'Start the domain again.' },
  );
}

function switchedOver({ name, source }: Domain): SidestepError {
  return new SidestepError(
    'SWITCHED_OVER',
    `The guest of domain "${name}" has left instance ${source}: its migration is finished, not cancelled.`,
    { hint: '`sidestep list` shows where it runs.' },
  );
}

function throwIfLeft({ name }: Domain, signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new SidestepError(
    'CANCELLED',
    `The migration of domain "${name}" was not cancelled: that was waited for no longer.`,
  );
}
