/**
 * libvirt's log of one domain as a trace, so that whatever shows traces shows it. One log has one
 * side of a migration between hosts; with the log of the other host the trace has both.
 *
 * Instances are numbered in the order in which the logs tell of them: libvirt's own ids are of use on
 * one host only.
 */
import type { LogEntry, MessageEntry, PhaseEntry, ProcessEntry } from '../../libvirt/log/entries';
import type { Ending, Phase } from '../trace/record';
import type { Trace } from '../trace/trace';
import { clockSkew, type PhaseSpan } from './clock-skew';
import { LoggedInstance } from './logged-instance';

/** What one log tells of the domain. */
interface Side {
  /** By monitor. */
  readonly byMonitor: Map<number, LoggedInstance>;
  /** The one that was started or seen last. */
  current: LoggedInstance | undefined;
  /** Of a migration: the phase under way at this side. */
  phase: PhaseEntry | undefined;
  /** The current one waits for its guest. */
  isIncoming: boolean;
}

/** What is known of a process before anything is heard. */
export interface Introduction {
  readonly pid: number | undefined;
  readonly runState: string | undefined;
  readonly at: number;
}

interface Verdict {
  readonly at: number;
  readonly outcome: Extract<Ending, 'moved' | 'stayed' | 'listened'>;
}

export class LogTrace {
  readonly #sides = new Map<number, Side>();
  #instances = 0;
  #verdict: Verdict | undefined;
  /** What libvirt has reported last, and what it had when the first phase failed: the rest follows from it. */
  #error: string | undefined;
  #cause: string | undefined;
  /** Of the migration under way. */
  readonly #spans = new Map<Phase, PhaseSpan>();

  constructor(private readonly trace: Trace) {}

  /**
   * @param log which of the logs tells it
   * @param entry of the one domain
   */
  hear(log: number, entry: LogEntry): void {
    const side = this.#side(log);
    switch (entry.type) {
      case 'message':
        this.#behind(side, entry).hear(entry);
        break;
      case 'monitor-closed':
        side.byMonitor.get(entry.monitor)?.close(entry.at);
        side.byMonitor.delete(entry.monitor);
        break;
      case 'process':
        this.#hearProcess(side, entry);
        break;
      case 'phase':
        this.#hearPhase(side, entry);
        break;
      case 'migration-error':
        this.#error = entry.message;
        break;
    }
  }

  /** A process that was there when listening began. */
  introduce(log: number, { pid, runState, at }: Introduction): void {
    const instance = this.#appear(this.#side(log));
    instance.introduce(pid, runState, at);
  }

  /** The daemon has been started anew: what it says of monitors is of others, also by the same number. */
  restart(log: number): void {
    this.#side(log).byMonitor.clear();
  }

  /** There is no more to hear: how the last migration went, if there was one. */
  end(): void {
    this.#warnOfClocks();
    const { at, outcome } = this.#verdict ?? { at: this.trace.now(), outcome: 'listened' };
    const message = outcome === 'stayed' ? (this.#cause ?? this.#error) : undefined;
    this.trace.phase = undefined;
    this.trace.add({ type: 'verdict', at, outcome, ...(message !== undefined && { message }) });
  }

  #warnOfClocks(): void {
    const skew = clockSkew(this.#spans);
    if (skew === 0) return;
    this.trace.add({
      type: 'warning',
      code: 'LOG_CLOCKS_DIFFER',
      message: `The clocks of the two hosts differ by ${skew / 1_000} ms or more: no time from one host to the other is right, the downtime neither.`,
    });
  }

  #side(log: number): Side {
    let side = this.#sides.get(log);
    if (side === undefined) {
      side = { byMonitor: new Map(), current: undefined, phase: undefined, isIncoming: false };
      this.#sides.set(log, side);
    }
    return side;
  }

  /** A daemon that was started anew opens another monitor to the same process. */
  #behind(side: Side, { monitor }: MessageEntry): LoggedInstance {
    let instance = side.byMonitor.get(monitor);
    if (instance === undefined) {
      instance = side.current?.isGone === false ? side.current : this.#appear(side);
      side.byMonitor.set(monitor, instance);
    }
    return instance;
  }

  #appear(side: Side): LoggedInstance {
    side.current = new LoggedInstance(++this.#instances, this.trace);
    return side.current;
  }

  #hearProcess(side: Side, { edge, pid, at }: ProcessEntry): void {
    if (edge === 'start') {
      const instance = this.#appear(side);
      instance.pid = pid;
      const isIncoming = side.phase?.side === 'target';
      side.isIncoming = isIncoming;
      this.trace.add({ type: 'process', instance: instance.id, at, edge, pid, isIncoming });
      return;
    }
    const { current } = side;
    if (current === undefined || current.isGone || (current.pid ?? pid) !== pid) return;
    current.end(at);
    this.trace.add({ type: 'process', instance: current.id, at, edge, pid });
    // A target that ends before the guest runs there.
    if (side.isIncoming) this.#verdict = { at, outcome: 'stayed' };
  }

  #hearPhase(side: Side, entry: PhaseEntry): void {
    const { phase, side: place, edge, at } = entry;
    if (edge === 'begin') {
      side.phase = entry;
      this.trace.phase = phase;
      if (isFirst(phase)) this.#beginMigration();
    }
    this.trace.add({ type: 'phase', phase, side: place, edge, at });
    if (edge === 'begin') return;
    if (side.phase !== undefined) this.#spans.set(phase, { begin: side.phase.at, end: at });
    side.phase = undefined;
    if (this.trace.phase === phase) this.trace.phase = undefined;
    if (edge === 'failed') this.#cause ??= this.#error;
    const outcome = outcomeAfter(entry);
    if (outcome === undefined) return;
    if (outcome === 'moved') side.isIncoming = false;
    this.#verdict = { at, outcome };
  }

  /** Each log has a first phase of it: the second one to be told begins nothing. */
  #beginMigration(): void {
    if (this.#verdict === undefined) return;
    this.#verdict = undefined;
    this.#error = undefined;
    this.#cause = undefined;
    this.#spans.clear();
  }
}

function isFirst(phase: Phase): boolean {
  return phase === 'begin' || phase === 'prepare';
}

/** Whoever hears of a later phase knows better. */
function outcomeAfter({ phase, edge, isCancelled }: PhaseEntry): Verdict['outcome'] | undefined {
  if (edge === 'failed' || isCancelled) return 'stayed';
  return phase === 'finish' || phase === 'confirm' ? 'moved' : undefined;
}
