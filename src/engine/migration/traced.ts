/** What is recorded of a migration from its first moment to its verdict, however it ends. */
import type { Appender } from '../../host/host';
import { asSidestepError, SidestepError } from '../errors';
import { traceFileName } from '../inventory/traces';
import type { OpenedTrace } from '../running-migrations';
import type { Domain, StartedInstance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { TraceWriter } from '../trace/file';
import { traceIncomplete } from '../trace/incomplete';
import { traceVersion, type TraceRecord } from '../trace/record';
import { Trace, type TraceListener } from '../trace/trace';
import { inBackground } from './background';
import { isHostLost } from './failures';
import { closed, isLeftToQemu, type CloseAction } from './on-close';

export interface TraceOptions {
  /** Cancels the migration; too late once the guest has moved. */
  readonly signal?: AbortSignal;
  /** For all phases together, in ms. */
  readonly timeoutMs?: number | undefined;
  /** What becomes of it when its client goes away; by default QEMU finishes it. */
  readonly onClose?: CloseAction | undefined;
  /** Its client goes away. */
  readonly closing?: AbortSignal;
  /** Hears every record as it happens. */
  readonly onRecord?: TraceListener;
  /** Told once the trace has begun: it can be followed from then on. */
  readonly onTrace?: (opened: OpenedTrace) => void;
  /** Where the trace goes instead of the state folder. */
  readonly trace?: { readonly path: string; readonly file: Appender } | undefined;
}

/** A trace that is being written. */
export interface Traced {
  readonly trace: Trace;
  readonly tracePath: string;
  /** Where it is being written: without it nothing is begun. */
  readonly traceFile: Promise<Appender>;
  /** Cancel, timeout, and that the client goes away. */
  readonly signal: AbortSignal;
  readonly onClose: CloseAction;
  /** Those from now on. */
  readonly records: () => readonly TraceRecord[];
  /** What is done once the verdict is known, while the trace is being completed. */
  readonly atEnd: (close: () => Promise<void>) => void;
}

/** Whose migration it is, and since when, in µs. */
export interface TracedDomain {
  readonly domain: Domain;
  readonly instance: StartedInstance;
  readonly startedAt: number;
}

/**
 * @throws SidestepError what the body throws, with the trace's path
 */
export async function traced<T>(
  state: StateFolder,
  { domain, instance, startedAt }: TracedDomain,
  options: TraceOptions,
  body: (traced: Traced) => Promise<T>,
): Promise<T> {
  const trace = new Trace(() => state.host.now());
  const output = openTrace(state, domain, instance, options.trace);
  const writer = new TraceWriter(output.file, (error) => {
    trace.add(traceIncomplete(output.path, error));
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
  const { onClose = 'finish' } = options;
  const cancel = cancelSignal({ ...options, onClose });
  const closing: (() => Promise<void>)[] = [];
  try {
    const result = await body({
      trace,
      tracePath: output.path,
      traceFile: output.file,
      signal: cancel.signal,
      onClose,
      records: () => records,
      atEnd: (close) => closing.push(close),
    });
    trace.phase = undefined;
    trace.add({ type: 'verdict', outcome: 'moved' });
    return result;
  } catch (error) {
    const failure = asFailure(error);
    trace.phase = undefined;
    const { code, message } = failure;
    const { hint, outcome = 'stayed' } = failure.details;
    // The verdict is told by whoever goes on with it.
    if (isLeftToQemu(failure)) trace.add({ type: 'warning', code, message });
    else
      trace.add({ type: 'verdict', outcome, code, message, ...(hint !== undefined && { hint }) });
    throw failure.with({ trace: output.path });
  } finally {
    cancel.dispose();
    await Promise.all([writer.close(), ...closing.map((close) => close())]);
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

/** Begins to open the trace; Begin waits for it. */
function openTrace(
  state: StateFolder,
  domain: Domain,
  instance: StartedInstance,
  given: TraceOptions['trace'],
): { path: string; file: Promise<Appender> } {
  if (given !== undefined) return { path: given.path, file: Promise.resolve(given.file) };
  const path = state.tracePath(traceFileName(state.host.now(), domain.name, instance.id));
  return { path, file: inBackground(state.host.openAppend(path)) };
}

/** One signal for all that ends it from outside, each with its own words as the reason. */
function cancelSignal({
  signal,
  timeoutMs,
  closing,
  onClose,
}: TraceOptions & { readonly onClose: CloseAction }): {
  signal: AbortSignal;
  dispose(): void;
} {
  const controller = new AbortController();
  const cancel = () => {
    controller.abort(new SidestepError('CANCELLED', 'The migration was cancelled.'));
  };
  if (signal?.aborted === true) cancel();
  signal?.addEventListener('abort', cancel);
  const close = () => {
    controller.abort(closed(onClose));
  };
  if (closing?.aborted === true) close();
  closing?.addEventListener('abort', close);
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
      closing?.removeEventListener('abort', close);
    },
  };
}
