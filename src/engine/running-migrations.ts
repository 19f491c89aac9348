/** The migrations that this client has under way. */
import type { Domain } from './state/records';
import type { Phase } from './trace/record';
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
  /** The phase now; undefined between two. */
  readonly phase: Phase | undefined;
  readonly trace: Trace;
  /** Too late once the guest has moved: it is finished then. */
  cancel(): void;
}

export class RunningMigrations {
  readonly #byUuid = new Map<string, RunningMigration>();

  /** By their domain's UUID. */
  get byUuid(): ReadonlyMap<string, RunningMigration> {
    return this.#byUuid;
  }

  /**
   * Has a migration in the list from its trace's first record to its last, the verdict.
   * @param run told the signal that cancels it, and to tell its trace once that is open
   */
  during<T>(
    signal: AbortSignal | undefined,
    run: (signal: AbortSignal, onTrace: (opened: OpenedTrace) => void) => Promise<T>,
  ): Promise<T> {
    const own = new AbortController();
    const enter = ({ domain, path, trace }: OpenedTrace) => {
      // A second one of the same domain will find that claimed, and end.
      if (this.#byUuid.has(domain.uuid)) return;
      this.#byUuid.set(domain.uuid, {
        domain,
        tracePath: path,
        trace,
        get phase() {
          return trace.phase;
        },
        cancel: () => {
          own.abort();
        },
      });
      // The verdict is a trace's last record.
      trace.listen(({ type }) => {
        if (type === 'verdict') this.#byUuid.delete(domain.uuid);
      });
    };
    const either = signal === undefined ? own.signal : AbortSignal.any([signal, own.signal]);
    return run(either, enter);
  }
}
