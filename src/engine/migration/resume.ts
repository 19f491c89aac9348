/** A migration that another client has begun: rebuilt from its journal, and brought to its end. */
import type { ProcessIdentity } from '../../host/process';
import { timeLimit } from '../../host/time-limit';
import type { SidestepError } from '../errors';
import { engineMonitors } from '../plan/start-arguments';
import { awaitEnd } from '../recovery/await-end';
import type { Recovery } from '../recovery/recover';
import { isAnnounced, undecided, type Resumed } from '../recovery/resumed';
import { runningProcesses } from '../running-processes';
import type { Domain } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { begin } from './begin';
import { untouchedSettings } from './channel';
import { confirm } from './confirm';
import { finish } from './finish';
import type { CookiesEntry } from './journal';
import { Migration } from './migration';
import { perform } from './perform';
import { prepare } from './prepare';
import { examine, reach, settle, type Settlement } from './settler';
import { StepRunner } from './step-runner';
import { writeTarget } from './target-steps';

const untilSwitchover = [begin, prepare, perform] as const;

/** @throws SidestepError `RECOVERY_UNDECIDED` */
export async function finishMigration(
  resumed: Resumed,
): Promise<Pick<Recovery, 'outcome' | 'takenBack' | 'isLibvirts'>> {
  const { state, journal, domain, signal, entries } = resumed;
  const cookies = entries.findLast((entry) => entry.kind === 'cookies');
  if (cookies === undefined) {
    // The cookies stand there before the target does.
    if (domain.remote !== undefined) throw unclear(domain, domain.source, domain.remote);
    journal.end();
    const { tables } = await state.read();
    const isLibvirts = tables.instance(domain.source)?.libvirt !== undefined;
    return { outcome: 'stayed', takenBack: [], isLibvirts };
  }
  const m = await resume(resumed, cookies);
  const runner = new StepRunner(m, { trace: m.trace, journal, beforeStep: undefined });
  runner.takeOver(untilSwitchover);
  try {
    // Nobody moves the tables before the guest has moved; the source's monitor has gone with them.
    const hasArrived = domain.source === m.targetCookie.instance.id;
    if (!hasArrived) await awaitEnd(() => reach(m, 'source'), signal);
    const settlement = hasArrived ? await whereItArrived(m) : await settle(m);
    if (settlement === 'undecided') {
      throw unclear(domain, m.sourceInstance.id, m.targetCookie.instance.id);
    }
    if (settlement === 'moved') {
      m.targetRecorded = writeTarget(m);
      await runner.run([finish, confirm]);
    } else if (!hasArrived) await runner.undo();
    journal.end();
    return {
      outcome: settlement === 'stays' ? 'stayed' : settlement,
      takenBack: m.takenBack,
      isLibvirts: settlement !== 'moved' && m.sourceInstance.libvirt !== undefined,
    };
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

/** The migration as its client knew it, as far as the journal and the host tell. */
async function resume(
  { state, emulators, trace, journal, domain, entries, signal }: Resumed,
  { source, target }: CookiesEntry,
): Promise<Migration> {
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
  m.migrateSent = isAnnounced(entries, 'migrate');
  m.channelOpened = isAnnounced(entries, 'open-channel');
  m.sourceSettings = Promise.resolve(untouchedSettings(target.mode, source.instance));
  return m;
}

/** How long what starts QEMU may take to become it, in ms. */
const startingMs = 2_000;

/**
 * The instance's process as it is now: its client may have died before it could record it. Told by
 * the engine's monitor, in a folder that no other instance ever has.
 */
export async function findProcess(
  state: StateFolder,
  domain: Domain,
  id: number,
): Promise<(ProcessIdentity & { argv: string[] }) | undefined> {
  const { host } = state;
  const [monitor] = engineMonitors(state.qemuFolder(id, domain));
  const processes = await runningProcesses(host);
  const found = processes.find(({ argv }) => argv.includes(monitor?.value ?? ''));
  if (found === undefined) return undefined;
  // A wrapper, or what changes the user, has another command line than the QEMU that it becomes.
  const paths = state.instancePaths(id, domain);
  const signs = [paths.monitor, paths.cpr].map((path) =>
    host.waitForListener(path, { waitFor: found, signal: timeLimit(startingMs) }),
  );
  await Promise.any(signs).catch(() => undefined);
  const [now] = await host.inspect([found.pid]);
  if (now?.startTime !== found.startTime) return undefined;
  return { pid: now.pid, startTime: now.startTime, argv: [...now.argv] };
}

function unclear(domain: Domain, source: number, target: number): SidestepError {
  return undecided(
    domain,
    `Look at instances ${source} and ${target} before you end either; \`sidestep destroy\` ends both.`,
  );
}
