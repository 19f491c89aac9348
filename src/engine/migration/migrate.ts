/** The five phases of a local migration, in order, and what happens when one does not go its way. */
import type { SidestepError } from '../errors';
import { asSidestepError } from '../errors';
import type { EmulatorCatalog } from '../emulators/catalog';
import { isAlive } from '../is-alive';
import { lastFailureOf } from '../state/last-failure';
import type { Domain, StartedInstance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { summarize, type TraceSummary } from '../trace/summary';
import { begin } from './begin';
import { confirm } from './confirm';
import { diagnosed } from './diagnosed';
import { domainEnded } from './domain-ended';
import { explain, targetLost } from './failures';
import { findSource } from './find-source';
import { finish } from './finish';
import { Journal } from './journal';
import { keepLogs } from './kept-logs';
import { letGo } from './let-go';
import {
  Migration,
  type MigrationRequest,
  type MigrationSetting,
  type TakenBack,
} from './migration';
import { isLeftToQemu, leftOrCancelled } from './on-close';
import { perform } from './perform';
import { prepare } from './prepare';
import { settle, type Settlement } from './settler';
import { StepRunner, type BeforeStep } from './step-runner';
import { startedTarget } from './target-steps';
import { traced, type Traced, type TraceOptions } from './traced';

/** The migration, as its row of phases reads. */
export const phasesOfMigration = [begin, prepare, perform, finish, confirm] as const;
const untilSwitchover = [begin, prepare, perform] as const;
const afterSwitchover = [finish, confirm] as const;

export interface MigrateOptions extends TraceOptions {
  readonly beforeStep?: BeforeStep;
}

export interface MigrationReport {
  readonly domain: Domain;
  readonly source: StartedInstance & { readonly version: string };
  readonly target: StartedInstance & { readonly version: string };
  readonly takenBack: readonly TakenBack[];
  readonly summary: TraceSummary;
  readonly tracePath: string;
}

/**
 * Moves a domain onto a new instance on the same host.
 * @throws SidestepError, with `details.outcome` saying where the guest is
 */
export async function migrate(
  state: StateFolder,
  emulators: EmulatorCatalog,
  request: MigrationRequest,
  options: MigrateOptions = {},
): Promise<MigrationReport> {
  state.prepareToClaim();
  const startedAt = state.host.now();
  const { domain, instance } = await findSource(state, request.domain);
  return traced(state, { domain, instance, startedAt }, options, (traced) =>
    move(
      traced,
      { state, emulators, request, domain, sourceInstance: instance },
      options.beforeStep,
    ),
  );
}

/** The five phases, into a trace that is open. */
export async function move(
  { trace, tracePath, traceFile, signal, onClose, records, atEnd }: Traced,
  what: Omit<MigrationSetting, 'trace' | 'journal' | 'signal' | 'traceFile'>,
  beforeStep: BeforeStep | undefined,
): Promise<MigrationReport> {
  const { state, domain, sourceInstance: instance } = what;
  const journal = new Journal(state.host, state.journalPath(domain.uuid), {
    uuid: domain.uuid,
    source: instance.id,
    trace: tracePath,
    onClose,
  });
  const m = new Migration({ ...what, trace, journal, signal, traceFile });
  atEnd(async () => {
    await m.dispose();
    await letGo(m);
  });
  const runner = new StepRunner(m, { trace, journal, beforeStep });
  try {
    await runPhases(m, runner);
  } catch (error) {
    await noteFailure(m, asSidestepError(error), tracePath);
    throw error;
  }
  trace.phase = undefined;
  return {
    domain,
    source: { ...instance, version: m.sourceMonitor.client.greeting.version },
    target: { ...startedTarget(m), version: m.targetMonitor.client.greeting.version },
    takenBack: m.takenBack,
    summary: summarize(records(), trace.now()),
    tracePath,
  };
}

/** For whoever looks at the domain next. That it cannot be noted changes nothing. */
async function noteFailure(m: Migration, error: SidestepError, trace: string): Promise<void> {
  const { domain, host, state } = m;
  const failure = lastFailureOf(error, host.now(), trace);
  if (m.lock === undefined || failure === undefined) return;
  await host.files([state.writeFailure(domain.uuid, failure)]).catch(() => undefined);
}

async function runPhases(m: Migration, runner: StepRunner<Migration>): Promise<void> {
  try {
    await runner.run(untilSwitchover, m.signal, afterSwitchover);
    await runner.run(afterSwitchover);
  } catch (error) {
    const isQemuAtIt = m.migrateSent && m.channelOpened;
    const failure = leftOrCancelled(asSidestepError(await explain(m, error)), isQemuAtIt);
    if (isLeftToQemu(failure)) throw failure;
    // Not ours: whoever holds the domain, or recovers it, knows where the guest is.
    if (m.lock === undefined) throw failure.with({ outcome: failure.details.outcome ?? 'refused' });
    const settlement = await settle(m);
    if (settlement !== 'moved') throw await endWithout(m, runner, failure, settlement);
    m.warn(
      'WENT_THROUGH',
      `The guest had already moved when this happened, and the migration was finished: ${failure.message}`,
    );
    try {
      await runner.run(afterSwitchover);
    } catch (second) {
      throw asSidestepError(second).with({
        outcome: 'undecided',
        hint: `The guest runs at instance ${m.targetCookie.instance.id}; what is left over of the source has to be recovered.`,
      });
    }
  }
  m.journal.end();
  // A monitor that is closed may also be the host that is lost, which this finds out.
  if (!m.targetMonitor.client.isOpen && !(await isAlive(m.host, startedTarget(m).process))) {
    const { id } = m.targetCookie.instance;
    throw (await targetLost(m)).with({
      outcome: 'lost',
      hint: `The guest had moved to instance ${id}, and ended with it.`,
    });
  }
}

/** The guest did not move: what was begun is undone, and the error says where the guest is. */
async function endWithout(
  m: Migration,
  runner: StepRunner<Migration>,
  failure: SidestepError,
  settlement: Exclude<Settlement, 'moved'>,
): Promise<SidestepError> {
  const { id, process } = m.sourceInstance;
  await keepLogs(m);
  if (settlement === 'undecided') {
    return (await diagnosed(m, failure)).withOutcome(
      'undecided',
      `Where the guest can go on safely is not certain; nothing more was done. Look at instance ${id} (pid ${process.pid}) and the target before you end either.`,
    );
  }
  await runner.undo();
  m.journal.end();
  if (settlement === 'lost') {
    return (await domainEnded(await diagnosed(m, failure), m)).withOutcome(
      'lost',
      `Instance ${id} (pid ${process.pid}), which had the guest, has ended. Start the domain again.`,
    );
  }
  const nothingStarted = m.cookies.target === undefined;
  if (nothingStarted) return failure.with({ outcome: failure.details.outcome ?? 'refused' });
  return (await diagnosed(m, failure)).withOutcome(
    'stayed',
    `The guest runs on at instance ${id}.`,
  );
}
