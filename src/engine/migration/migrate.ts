/** The five phases of a local migration, in order, and what happens when one does not go its way. */
import type { Appender } from '../../host/host';
import { asSidestepError, SidestepError } from '../errors';
import type { EmulatorCatalog } from '../emulators/catalog';
import { isAlive } from '../is-alive';
import type { OpenedTrace } from '../running-migrations';
import type { Domain, StartedInstance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { TraceWriter } from '../trace/file';
import { traceVersion, type TraceRecord } from '../trace/record';
import { summarize, type TraceSummary } from '../trace/summary';
import { Trace, type TraceListener } from '../trace/trace';
import { inBackground } from './background';
import { begin } from './begin';
import { confirm } from './confirm';
import { diagnosed } from './diagnosed';
import { explain, isHostLost, targetLost } from './failures';
import { findSource } from './find-source';
import { finish } from './finish';
import { traceFileName } from '../inventory/traces';
import { Journal } from './journal';
import { Migration, type MigrationRequest, type TakenBack } from './migration';
import { perform } from './perform';
import { prepare } from './prepare';
import { settle, type Settlement } from './settler';
import { StepRunner, type BeforeStep } from './step-runner';
import { startedTarget } from './target-steps';

/** The migration, as its row of phases reads. */
export const phasesOfMigration = [begin, prepare, perform, finish, confirm] as const;
const untilSwitchover = [begin, prepare, perform] as const;
const afterSwitchover = [finish, confirm] as const;

export interface MigrateOptions {
  /** Cancels the migration; too late once the guest has moved. */
  readonly signal?: AbortSignal;
  /** For all phases together, in ms. */
  readonly timeoutMs?: number | undefined;
  /** Hears every record as it happens. */
  readonly onRecord?: TraceListener;
  /** Told once the trace has begun: it can be followed from then on. */
  readonly onTrace?: (opened: OpenedTrace) => void;
  /** Where the trace goes instead of the state folder. */
  readonly trace?: { readonly path: string; readonly file: Appender } | undefined;
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
  const trace = new Trace(() => state.host.now());
  const startedAt = trace.now();
  state.prepareToClaim();
  const { domain, instance } = await findSource(state, request.domain);
  const output = openTrace(state, domain, instance, options.trace);
  const writer = new TraceWriter(output.file, (error) => {
    trace.add({
      type: 'warning',
      code: 'TRACE_INCOMPLETE',
      message: `The trace ${output.path} could not be written to its end: ${asSidestepError(error).message}`,
    });
  });
  const records: TraceRecord[] = [];
  trace.listen((record) => records.push(record));
  trace.listen(writer.listener);
  if (options.onRecord !== undefined) trace.listen(options.onRecord);
  trace.add({
    type: 'header',
    at: startedAt,
    version: traceVersion,
    host: state.host.name,
    domain: domain.name,
    uuid: domain.uuid,
  });
  options.onTrace?.({ domain, path: output.path, trace });

  const cancel = cancelSignal(options);
  const journal = new Journal(state.host, state.journalPath(domain.uuid), {
    uuid: domain.uuid,
    source: instance.id,
    trace: output.path,
  });
  const m = new Migration({
    request,
    state,
    emulators,
    trace,
    journal,
    signal: cancel.signal,
    traceFile: output.file,
    domain,
    sourceInstance: instance,
  });
  try {
    const runner = new StepRunner(m, { trace, journal, beforeStep: options.beforeStep });
    await runPhases(m, runner);
    trace.phase = undefined;
    trace.add({ type: 'verdict', outcome: 'moved' });
    return {
      domain,
      source: { ...instance, version: m.sourceMonitor.client.greeting.version },
      target: { ...startedTarget(m), version: m.targetMonitor.client.greeting.version },
      takenBack: m.takenBack,
      summary: summarize(records),
      tracePath: output.path,
    };
  } catch (error) {
    const failure = asFailure(error);
    trace.phase = undefined;
    trace.add({
      type: 'verdict',
      outcome: failure.details.outcome ?? 'stayed',
      code: failure.code,
      message: failure.message,
      ...(failure.details.hint !== undefined && { hint: failure.details.hint }),
    });
    throw failure.with({ trace: output.path });
  } finally {
    cancel.dispose();
    await m.dispose();
    await Promise.all([writer.close(), letGo(m)]);
  }
}

/** The domain is anyone's again; without a journal, if nothing is left to be finished. */
async function letGo(m: Migration): Promise<void> {
  try {
    await Promise.all([m.journal.close(), m.lock?.release(m.journal.removal)]);
  } catch (error) {
    // The loss of the host has let go of all, and the journal is there for who comes next.
    if (!isHostLost(error)) throw error;
  }
}

function asFailure(error: unknown): SidestepError {
  const failure = asSidestepError(error);
  if (!isHostLost(error)) return failure;
  return failure.with({
    outcome: 'undecided',
    hint: 'QEMU brings a migration that has begun to its end by itself. Connect again: `sidestep list` shows where the guest runs.',
  });
}

async function runPhases(m: Migration, runner: StepRunner<Migration>): Promise<void> {
  try {
    await runner.run(untilSwitchover, m.signal, afterSwitchover);
    await runner.run(afterSwitchover);
  } catch (error) {
    const failure = asSidestepError(await explain(m, error));
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
  if (settlement === 'undecided') {
    return diagnosed(m, failure).withOutcome(
      'undecided',
      `Where the guest can go on safely is not certain; nothing more was done. Look at instance ${id} (pid ${process.pid}) and the target before you end either.`,
    );
  }
  await runner.undo();
  m.journal.end();
  if (settlement === 'lost') {
    return diagnosed(m, failure).withOutcome(
      'lost',
      `Instance ${id} (pid ${process.pid}), which had the guest, has ended. Start the domain again.`,
    );
  }
  const nothingStarted = m.cookies.target === undefined;
  if (nothingStarted) return failure.with({ outcome: failure.details.outcome ?? 'refused' });
  return diagnosed(m, failure).withOutcome('stayed', `The guest runs on at instance ${id}.`);
}

/** Begins to open the trace; Begin waits for it. */
function openTrace(
  state: StateFolder,
  domain: Domain,
  instance: StartedInstance,
  given: MigrateOptions['trace'],
): { path: string; file: Promise<Appender> } {
  if (given !== undefined) return { path: given.path, file: Promise.resolve(given.file) };
  const path = state.tracePath(traceFileName(state.host.now(), domain.name, instance.id));
  return { path, file: inBackground(state.host.openAppend(path)) };
}

/** One signal for cancel and timeout, each with its own words as the reason. */
function cancelSignal({ signal, timeoutMs }: MigrateOptions): {
  signal: AbortSignal;
  dispose(): void;
} {
  const controller = new AbortController();
  const cancel = () => {
    controller.abort(new SidestepError('CANCELLED', 'The migration was cancelled.'));
  };
  if (signal?.aborted === true) cancel();
  signal?.addEventListener('abort', cancel);
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          controller.abort(
            new SidestepError(
              'TIMEOUT',
              `The migration took longer than the ${timeoutMs / 1000} s it was given.`,
              { hint: 'Give it more time with --timeout, or none.' },
            ),
          );
        }, timeoutMs);
  return {
    signal: controller.signal,
    dispose: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    },
  };
}
