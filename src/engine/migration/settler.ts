/** Brings a migration that has not gone its way to an end: asks both instances, does what is decided. */
import type { ProcessIdentity } from '../../host/process';
import { timeLimit } from '../../host/time-limit';
import { isInterrupted } from '../../qemu/migration';
import { resumeGuest } from '../domain/give-disks';
import { InstanceMonitor } from '../instance-monitor';
import { isAlive } from '../is-alive';
import { cancelBeforeSwitchover } from './cancel';
import { isHostLost, messageOf } from './failures';
import type { Migration } from './migration';
import { decide, type Decision, type Evidence, type SideEvidence } from './settle';

export type Settlement = Extract<Decision, 'stays' | 'moved' | 'lost' | 'undecided'>;

/** How long a monitor may take to answer, and QEMU to settle by itself, in ms. */
const answerTimeoutMs = 5_000;
const waitStepMs = 500;
const deadlineMs = 60_000;

/**
 * What cannot be told is `undecided`.
 * @throws HostError `DISCONNECTED`: there is nobody left to be asked
 */
export async function settle(m: Migration): Promise<Settlement> {
  let begunAt = m.trace.now();
  const elapsedMs = () => (m.trace.now() - begunAt) / 1000;
  while (elapsedMs() < deadlineMs) {
    try {
      const decision = decide(await gather(m, elapsedMs()));
      if (isSettlement(decision)) return decision;
      if (decision === 'let-follow') begunAt = m.trace.now();
      await act(m, decision);
    } catch (error) {
      if (isHostLost(error)) throw error;
      m.warn('SETTLING', `While finding out where the guest is: ${messageOf(error)}`);
      await nextChange(m);
    }
  }
  return 'undecided';
}

function isSettlement(decision: Decision): decision is Settlement {
  return ['stays', 'moved', 'lost', 'undecided'].includes(decision);
}

async function gather(m: Migration, waitedMs: number): Promise<Evidence> {
  const target = m.cookies.target?.instance;
  const [source, targetSide] = await Promise.all([
    examine(m, m.sourceInstance.process, 'source'),
    target?.process === undefined ? undefined : examine(m, target.process, 'target'),
  ]);
  return {
    migrateSent: m.migrateSent,
    channelOpened: m.channelOpened,
    waitedMs,
    mode: m.cookies.target?.mode,
    watched: !m.resumed,
    guestRan: (m.cookies.source?.runState ?? 'running') === 'running',
    source: asOfNow(source, m.source),
    // RESUME reaches us before the guest's first instruction, so without it the guest never ran.
    target: targetSide && {
      ...asOfNow(targetSide, m.target),
      everRan: m.target?.resumedAt !== undefined,
    },
  };
}

/** While the other side was asked, events may have told more. */
function asOfNow(side: SideEvidence, monitor: InstanceMonitor | undefined): SideEvidence {
  return side.runState === undefined ? side : { ...side, runState: monitor?.runState };
}

/** What one side says of itself. */
export async function examine(
  m: Migration,
  process: ProcessIdentity,
  side: 'source' | 'target',
): Promise<SideEvidence> {
  const alive = await isAlive(m.host, process);
  const unknown = { alive, runState: undefined, migration: undefined };
  // Before `migrate` nothing can have changed but by the processes' end.
  if (!alive || !m.migrateSent) return unknown;
  try {
    const monitor = await reach(m, side);
    if (monitor === undefined) return unknown;
    const signal = timeLimit(answerTimeoutMs);
    monitor.heedsAnswers = true;
    const [runState] = await Promise.all([
      monitor.queryRunState(signal),
      monitor.queryMigration(signal),
    ]);
    return { alive, runState, migration: monitor.migrationStatus };
  } catch {
    return unknown;
  }
}

/** The monitor, connected anew if the connection broke; undefined if it cannot be. */
export async function reach(
  m: Migration,
  side: 'source' | 'target',
): Promise<InstanceMonitor | undefined> {
  const current = m[side];
  if (current?.client.isOpen === true) return current;
  const instance = side === 'source' ? m.sourceInstance : m.cookies.target?.instance;
  if (instance === undefined) return undefined;
  // A target that had not answered yet may be waiting for the source's descriptors.
  if (side === 'target' && current === undefined && !m.resumed) return undefined;
  const monitor = await InstanceMonitor.connect(m.host, instance, m.trace, {
    signal: timeLimit(answerTimeoutMs),
  });
  // What the broken connection had heard is still true.
  monitor.resumedAt = current?.resumedAt;
  monitor.stoppedAt = current?.stoppedAt;
  m[side] = monitor;
  return monitor;
}

async function act(m: Migration, decision: Exclude<Decision, Settlement>): Promise<void> {
  switch (decision) {
    case 'wait':
      return nextChange(m);
    case 'cancel-migration':
      return cancelMigration(m);
    case 'kill-target':
      return killTarget(m);
    case 'let-follow':
      return nextChange(m);
    case 'mend-channel':
      return mendChannel(m);
    case 'stop-source':
      await m.sourceMonitor.client.execute('stop', undefined, { timeoutMs: answerTimeoutMs });
      return;
    case 'resume-source':
      await resumeGuest(m.host, m.domain, m.sourceMonitor.client, answerTimeoutMs);
  }
}

async function cancelMigration(m: Migration): Promise<void> {
  const target = m.cookies.target?.instance.process;
  if (!(await cancelBeforeSwitchover(m.host, m.sourceMonitor, target))) await nextChange(m);
}

/** The target listens anew, and the source connects once more. (QEMU's migration/postcopy.rst.) */
async function mendChannel(m: Migration): Promise<void> {
  const target = await reach(m, 'target');
  const uri = `unix:${m.targetPaths.migration}`;
  const timeoutMs = answerTimeoutMs;
  m.warn(
    'CHANNEL_MENDED',
    'The channel broke after the guest had moved: its RAM follows on a new one.',
  );
  await target?.until(({ migrationStatus }) => isInterrupted(migrationStatus), { timeoutMs });
  // Its main loop may wait for a page that only comes once this is done.
  await target?.client.execute('migrate-recover', { uri }, { timeoutMs, oob: true });
  await m.sourceMonitor.client.execute('migrate', { uri, resume: true }, { timeoutMs });
  await nextChange(m);
}

async function killTarget(m: Migration): Promise<void> {
  const process = m.cookies.target?.instance.process;
  if (process === undefined) return;
  await m.host.signal(process, 'SIGKILL');
  await m.host.waitForExit(process);
}

/** The next event of either instance; at the latest after `waitStepMs`. */
async function nextChange(m: Migration): Promise<void> {
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, timeLimit(waitStepMs)]);
  const changes = [m.source, m.target].flatMap((monitor) =>
    monitor?.client.isOpen === true ? monitor.client.waitForEvent(() => true, { signal }) : [],
  );
  const timeout = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
  await Promise.race([
    timeout,
    ...changes.map((change) =>
      change.then(
        () => undefined,
        () => timeout,
      ),
    ),
  ]);
  done.abort();
}
