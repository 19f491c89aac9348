/**
 * A phase is a short list of named steps, and this one runner takes them: announced in the journal
 * before, traced around, cancel checked between. Recovery, faults in tests and stepping through a
 * migration all hang on this one mechanism.
 *
 * The steps of all phases are announced while the first one runs, so that the journal costs no time of
 * its own, wherever the host is, and a disk that is full later stops nothing.
 */
import { asSidestepError, SidestepError } from '../errors';
import { sideOf, type Phase } from '../trace/record';
import type { Trace } from '../trace/trace';
import { inBackground } from './background';
import type { Journal } from './journal';

export interface Step<Context> {
  readonly name: string;
  /** Whether this migration takes the step; by default it does. */
  when?(context: Context): boolean;
  take(context: Context): Promise<void>;
  /** Takes back what the step did, also if it was done only in part. Must not need the target. */
  undo?(context: Context): Promise<void>;
}

export interface PhaseSteps<Context> {
  readonly phase: Phase;
  readonly steps: readonly Step<Context>[];
}

/** Called before each step is taken, for stepping and for faults in tests. */
export type BeforeStep = (phase: Phase, step: string) => Promise<void> | void;

export interface StepRunnerOptions {
  readonly trace: Trace;
  readonly journal: Journal;
  readonly beforeStep: BeforeStep | undefined;
}

interface Task<Context> {
  readonly phase: Phase;
  readonly step: Step<Context>;
}

export class StepRunner<Context> {
  /** Steps begun and not undone, the first one first. */
  readonly #begun: Task<Context>[] = [];
  readonly #announced = new Map<Phase, Promise<void>>();

  constructor(
    private readonly context: Context,
    private readonly options: StepRunnerOptions,
  ) {}

  /**
   * Takes all steps of these phases that were not begun before, in order.
   * @param signal checked before each step; a step that waits looks at it by itself
   * @param next phases of the next call, if all goes well
   */
  async run(
    phases: readonly PhaseSteps<Context>[],
    signal?: AbortSignal,
    next: readonly PhaseSteps<Context>[] = [],
  ): Promise<void> {
    const remaining = [...phases, ...next]
      .map(({ phase, steps }) => ({
        phase,
        tasks: steps.map((step) => ({ phase, step })).filter((task) => !this.#hasBegun(task)),
      }))
      .filter(({ tasks }) => tasks.length > 0);
    for (const [index, { phase, tasks }] of remaining.entries()) {
      if (next.some((each) => each.phase === phase)) return;
      const announced = this.#announce(phase, tasks);
      // What has been written by then cannot fail once the guest has moved.
      for (const ahead of remaining.slice(index + 1)) {
        void inBackground(this.#announce(ahead.phase, ahead.tasks));
      }
      await this.#runPhase(phase, tasks, announced, signal);
    }
  }

  /** Another client has begun these phases, and nobody knows how far it came. */
  takeOver(phases: readonly PhaseSteps<Context>[]): void {
    this.#begun.push(
      ...phases.flatMap(({ phase, steps }) => steps.map((step) => ({ phase, step }))),
    );
  }

  /** Undoes what was begun, the last one first. What cannot be undone is a warning, not the end. */
  async undo(): Promise<void> {
    for (let task = this.#begun.pop(); task !== undefined; task = this.#begun.pop()) {
      const { step, phase } = task;
      if (step.undo === undefined) continue;
      try {
        await step.undo(this.context);
        this.options.trace.add({ type: 'step', phase, step: step.name, edge: 'undone' });
      } catch (error) {
        this.options.trace.add({
          type: 'warning',
          phase,
          code: 'UNDO_FAILED',
          message: `Step ${step.name} could not be undone: ${asSidestepError(error).message}`,
        });
      }
    }
  }

  /** Begins to, once. */
  #announce(phase: Phase, tasks: readonly Task<Context>[]): Promise<void> {
    const names = tasks.map(({ step }) => step.name);
    const announced = this.#announced.get(phase) ?? this.options.journal.announce(phase, names);
    this.#announced.set(phase, announced);
    return announced;
  }

  #hasBegun({ phase, step }: Task<Context>): boolean {
    return this.#begun.some((begun) => begun.phase === phase && begun.step === step);
  }

  async #runPhase(
    phase: Phase,
    tasks: readonly Task<Context>[],
    announced: Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { trace } = this.options;
    const side = sideOf[phase];
    trace.phase = phase;
    trace.add({ type: 'phase', phase, side, edge: 'begin' });
    try {
      await announced;
      for (const task of tasks) {
        if (task.step.when?.(this.context) !== false) await this.#take(task, signal);
      }
      trace.add({ type: 'phase', phase, side, edge: 'end' });
    } catch (error) {
      trace.add({ type: 'phase', phase, side, edge: 'failed' });
      throw error;
    }
  }

  async #take(task: Task<Context>, signal: AbortSignal | undefined): Promise<void> {
    const { trace, beforeStep } = this.options;
    const { phase, step } = task;
    throwIfCancelled(signal);
    await beforeStep?.(phase, step.name);
    throwIfCancelled(signal);
    trace.add({ type: 'step', step: step.name, edge: 'begin' });
    this.#begun.push(task);
    try {
      await step.take(this.context);
      trace.add({ type: 'step', step: step.name, edge: 'end' });
    } catch (error) {
      trace.add({ type: 'step', step: step.name, edge: 'failed' });
      // What cannot be undone can be taken again.
      if (step.undo === undefined) this.#begun.splice(this.#begun.indexOf(task), 1);
      throw error;
    }
  }
}

/** @throws SidestepError the signal's reason, `CANCELLED` if it gives none of ours */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw signal.reason instanceof SidestepError
    ? signal.reason
    : new SidestepError('CANCELLED', 'The migration was cancelled.');
}
