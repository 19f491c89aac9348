/** The migrations that this client has under way. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Domain } from './state/records';
import { afterRecord, notBegun, type MigrationProgress } from './trace/progress';
import type { Trace } from './trace/trace';

/** The trace of a migration that begins. */
export interface OpenedTrace {
  readonly domain: Domain;
  readonly path: string;
  readonly trace: Trace;
}

/** A migration that this client has under way. */
export interface RunningMigration {
  readonly domain: Domain;
  readonly tracePath: string;
  /** Now. */
  readonly progress: MigrationProgress;
  readonly trace: Trace;
  /** Too late once the guest has moved: it is finished then. */
  cancel(): void;
}

/** What ends a migration from outside. */
export interface EndSignals {
  /** Cancels it. */
  readonly signal: AbortSignal;
  /** Its client goes away. */
  readonly closing: AbortSignal;
}

export class RunningMigrations {
  readonly #byUuid = new Map<string, RunningMigration>();
  /** Until they have let go of all, each with what tells it that we go away. */
  readonly #ends = new Map<AbortController, Promise<unknown>>();

  /** By their domain's UUID. */
  get byUuid(): ReadonlyMap<string, RunningMigration> {
    return this.#byUuid;
  }

  /**
   * Has a migration in the list from its trace's first record to its last, the verdict.
   * @param run to tell its trace once that is open
   */
  during<T>(
    signal: AbortSignal | undefined,
    run: (signals: EndSignals, onTrace: (opened: OpenedTrace) => void) => Promise<T>,
  ): Promise<T> {
    const own = new AbortController();
    const closing = new AbortController();
    let entered: RunningMigration | undefined;
    const leave = () => {
      if (entered !== undefined) this.#byUuid.delete(entered.domain.uuid);
      entered = undefined;
    };
    const enter = ({ domain, path, trace }: OpenedTrace) => {
      // A second one of the same domain will find that claimed, and end.
      if (this.#byUuid.has(domain.uuid)) return;
      let progress = notBegun;
      entered = {
        domain,
        tracePath: path,
        trace,
        get progress() {
          return progress;
        },
        cancel: () => {
          own.abort();
        },
      };
      this.#byUuid.set(domain.uuid, entered);
      trace.listen((record) => {
        progress = afterRecord(progress, record);
        if (record.type === 'verdict') leave();
      });
    };
    const either = signal === undefined ? own.signal : AbortSignal.any([signal, own.signal]);
    const work = run({ signal: either, closing: closing.signal }, enter).finally(() => {
      // One that is left to QEMU has no verdict yet.
      leave();
      this.#ends.delete(closing);
    });
    this.#ends.set(closing, work);
    return work;
  }

  /**
   * Runs their close callbacks. Resolves when all have let go of their domains, at the latest after so
   * many ms: what is not done by then is done by whoever comes next.
   */
  async close(withinMs: number): Promise<void> {
    if (this.#ends.size === 0) return;
    for (const closing of this.#ends.keys()) closing.abort();
    const timer = new AbortController();
    await Promise.race([
      Promise.allSettled(this.#ends.values()),
      delay(withinMs, undefined, { signal: timer.signal }),
    ]).finally(() => {
      timer.abort();
    });
  }
}
