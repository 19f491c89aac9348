/**
 * A migration whose client is gone: it goes on from its journal. If the guest has moved it is
 * finished, otherwise undone; docs/reliability.md has the table.
 */
import { dirname } from 'node:path';
import type { ProcessIdentity } from '../../host/process';
import { QmpError } from '../../qemu/qmp/errors';
import { isInterrupted, isMigrationEnd, isMigrationUnderWay } from '../../qemu/migration';
import { SidestepError } from '../errors';
import { InstanceMonitor } from '../instance-monitor';
import type { EmulatorCatalog } from '../emulators/catalog';
import { traceFileName } from '../inventory/traces';
import { remainders, untilMoved } from '../libvirt/take-in';
import { engineMonitors } from '../plan/start-arguments';
import type { Domain } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { TraceWriter } from '../trace/file';
import { traceVersion } from '../trace/record';
import { Trace, untraced, type TraceListener } from '../trace/trace';
import { begin } from './begin';
import { untouchedSettings } from './channel';
import { confirm } from './confirm';
import { finish } from './finish';
import { isHostLost } from './failures';
import { Journal, readJournal, type CookiesEntry, type JournalEntry } from './journal';
import { Migration, type TakenBack } from './migration';
import { perform } from './perform';
import { prepare } from './prepare';
import { examine, reach, settle, type Settlement } from './settler';
import { StepRunner } from './step-runner';
import { writeTarget } from './target-steps';

export interface Recovery {
  readonly domain: Domain;
  /** Where the guest is. */
  readonly outcome: Exclude<Settlement, 'undecided' | 'stays'> | 'stayed';
  readonly takenBack: readonly TakenBack[];
  readonly tracePath: string;
}

export interface RecoverOptions {
  /** Cancels a migration that QEMU is still at; otherwise it is left to come to its end. */
  readonly signal?: AbortSignal;
  /** Leave one that QEMU is still at to whoever comes later. */
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
    if (options.atOnce === true && (await isQemuAtIt(state, cookiesIn(entries)))) return undefined;
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

function cookiesIn(entries: readonly JournalEntry[]): CookiesEntry | undefined {
  return entries.findLast((entry) => entry.kind === 'cookies');
}

/** Whether the source is on its way: a look that nobody reads of. */
async function isQemuAtIt(state: StateFolder, cookies: CookiesEntry | undefined): Promise<boolean> {
  if (cookies === undefined) return false;
  try {
    const { source } = cookies;
    const monitor = await InstanceMonitor.connect(
      state.host,
      source.instance,
      untraced(state.host),
    );
    const { status } = await monitor.queryMigration().finally(() => {
      monitor.close();
    });
    return isMigrationUnderWay(status);
  } catch (error) {
    if (isHostLost(error)) throw error;
    return false;
  }
}

/** What goes on, and where that is told. */
interface Resumed {
  readonly state: StateFolder;
  readonly emulators: EmulatorCatalog;
  readonly journal: Journal;
  readonly trace: Trace;
  /** As it is now. */
  readonly domain: Domain;
  readonly entries: readonly JournalEntry[];
  readonly signal: AbortSignal;
}

async function goOn(
  { state, domain, entries, ...own }: Omit<Resumed, 'trace' | 'signal'>,
  { signal = new AbortController().signal, onRecord }: RecoverOptions,
): Promise<Recovery> {
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
    message: 'The client that began this migration is gone. Another one goes on from its journal.',
  });
  try {
    const resumed = { state, domain, entries, ...own, trace, signal };
    const recovered = await bringToAnEnd(resumed);
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
  const begun = entries.find(({ kind }) => kind === 'begin');
  const path = begun?.kind === 'begin' ? begun.trace : undefined;
  if (path === undefined || dirname(path) !== state.traceFolder) {
    const name = traceFileName(state.host.now(), domain.name, domain.source);
    return { path: state.tracePath(name), hasBegun: false };
  }
  const [stat] = await state.host.files([{ op: 'stat', path }]);
  return { path, hasBegun: stat !== undefined && stat.size > 0 };
}

async function bringToAnEnd(resumed: Resumed): Promise<Pick<Recovery, 'outcome' | 'takenBack'>> {
  const { journal, domain, signal, entries } = resumed;
  const cookies = cookiesIn(entries);
  if (cookies === undefined) {
    // The cookies stand there before the target does.
    if (domain.remote !== undefined) throw undecided(domain, domain.source, domain.remote);
    journal.end();
    return { outcome: 'stayed', takenBack: [] };
  }
  const m = await resume(resumed, cookies);
  const runner = new StepRunner(m, { trace: m.trace, journal, beforeStep: undefined });
  runner.takeOver(untilSwitchover);
  try {
    // Nobody moves the tables before the guest has moved; the source's monitor has gone with them.
    const hasArrived = domain.source === m.targetCookie.instance.id;
    if (!hasArrived) await comeToAnEnd(m, signal);
    const settlement = hasArrived ? await whereItArrived(m) : await settle(m);
    if (settlement === 'undecided') {
      throw undecided(domain, m.sourceInstance.id, m.targetCookie.instance.id);
    }
    if (settlement === 'moved') {
      m.targetRecorded = writeTarget(m);
      await runner.run([finish, confirm]);
    } else if (!hasArrived) await runner.undo();
    journal.end();
    return { outcome: settlement === 'stays' ? 'stayed' : settlement, takenBack: m.takenBack };
  } finally {
    await m.dispose();
  }
}

async function whereItArrived(m: Migration): Promise<Settlement> {
  const { process } = m.targetCookie.instance;
  const side = process && (await examine(m, process, 'target'));
  if (side?.alive !== true) return 'lost';
  return side.runState === undefined ? 'undecided' : 'moved';
}

const untilSwitchover = [begin, prepare, perform] as const;

/** The migration as its client knew it, as far as the journal and the host tell. */
async function resume(
  { state, emulators, trace, journal, domain, entries, signal }: Resumed,
  cookies: CookiesEntry,
): Promise<Migration> {
  const { source, target } = cookies;
  const m = new Migration({
    request: { domain: domain.uuid, mode: target.mode },
    ...{ state, emulators, trace, journal, signal },
    traceFile: Promise.resolve(),
    domain: source.domain,
    sourceInstance: source.instance,
  });
  m.resumed = true;
  m.sourceCookie = source;
  const process = await findProcess(state, source.domain, target.instance.id);
  m.targetCookie = {
    ...target,
    instance: { ...target.instance, ...(process && { process }) },
  };
  // Its client may have died while it held the target still.
  if (process !== undefined) await state.host.signal(process, 'SIGCONT');
  const isAnnounced = (name: string) =>
    entries.some((entry) => entry.kind === 'step' && entry.step === name);
  m.migrateSent = isAnnounced('migrate');
  m.channelOpened = isAnnounced('open-channel');
  m.sourceSettings = Promise.resolve(untouchedSettings(target.mode, source.instance));
  return m;
}

/**
 * The instance's process as it is now: its client may have died before it could record it. Told by
 * the engine's monitor, in a folder that no other instance ever has.
 */
async function findProcess(
  state: StateFolder,
  domain: Domain,
  id: number,
): Promise<(ProcessIdentity & { argv: string[] }) | undefined> {
  const [monitor] = engineMonitors(state.qemuFolder(id, domain));
  const { host } = state;
  const [names] = await host.files([{ op: 'list', path: '/proc' }]);
  const facts = await host.inspect(names.filter((name) => /^\d+$/.test(name)).map(Number));
  const found = facts.find((each) => each?.argv.includes(monitor?.value ?? '') === true);
  if (found === undefined) return undefined;
  return { pid: found.pid, startTime: found.startTime, argv: [...found.argv] };
}

/** How long QEMU may take to get a migration going, in ms. */
const setupMs = 3_000;

/**
 * A migration that QEMU is at needs nobody: it comes to its end by itself. Waits for that, unless it
 * is cancelled or does not get going.
 */
async function comeToAnEnd(m: Migration, signal: AbortSignal): Promise<void> {
  for (;;) {
    const source = await reach(m, 'source').catch(() => undefined);
    const status = await source?.queryMigration(signal).then(
      (migration) => migration.status,
      () => undefined,
    );
    if (source === undefined || !isMigrationUnderWay(status) || isInterrupted(status)) return;
    const isSetUp = status !== 'setup';
    try {
      await source.until(
        ({ migrationStatus }) => isMigrationEnd(migrationStatus) || isInterrupted(migrationStatus),
        {
          signal,
          ...(!isSetUp && { timeoutMs: setupMs }),
        },
      );
      return;
    } catch (error) {
      if (isHostLost(error)) throw error;
      const isGoing = !isSetUp && source.migrationStatus !== 'none';
      if (!(error instanceof QmpError && error.code === 'TIMEOUT' && isGoing)) return;
    }
  }
}

function undecided(domain: Domain, source: number, target: number): SidestepError {
  return new SidestepError(
    'RECOVERY_UNDECIDED',
    `A migration of domain "${domain.name}" was cut off, and where the guest can go on safely is not certain. Nothing more was done.`,
    {
      outcome: 'undecided',
      instance: source,
      hint: `Look at instances ${source} and ${target} before you end either; \`sidestep destroy\` ends both.`,
    },
  );
}
