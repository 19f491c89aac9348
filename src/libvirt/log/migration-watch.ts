/**
 * Phases of libvirt's own migrations, as its log tells them. libvirt notes them as the phases of the
 * domain's job, in the thread that serves the call: which domain that is, and how the call ends, is
 * told by other lines of the same thread. The side that the guest leaves may do all calls in one
 * thread, and call the other side itself (peer to peer).
 */
import type { Attribution } from './attribution';
import { BoundedMap } from './bounded-map';
import { migrationPhases, type MigrationPhase, type PhaseEntry } from './entries';
import type { LogLine } from './log-lines';
import { after, between, decode, pointer } from './text';

type Side = PhaseEntry['side'];

interface ThreadPhase {
  readonly phase: MigrationPhase;
  readonly side: Side;
  isCancelled: boolean;
}

interface Thread {
  /** The remote call of a migration that it serves. */
  call: { readonly phase: MigrationPhase; readonly at: number } | undefined;
  /** The domain that its lines are about. */
  subject: string | undefined;
  phase: ThreadPhase | undefined;
  /** Whether the call has had a phase. */
  hasBegun: boolean;
}

/** What libvirt calls a phase of a job begins with the phase's name: `begin3`, `confirm3_cancelled`. */
const jobPhase = /^Setting 'migration (out|in)' phase to '([a-z]+)\d?(_[a-z]+)?'/;
const callName = /(now running|finished) job \w+Migrate([A-Z][a-z]+)\w*(?: with ret=(-?\d+))?/;

const isCancelling = /, (?:retcode|cancelled)=[1-9-]/;

const sides: Readonly<Record<string, Side>> = { out: 'source', in: 'target' };

export class MigrationWatch {
  readonly #threads = new BoundedMap<number, Thread>(1_000);
  #error: { readonly subject: string; readonly at: number; message: string } | undefined;

  constructor(private readonly attribution: Attribution) {}

  /** `vm=0x7f27, flags=0x319` or `driver=0x5649, vm=0x7f27, ...`: whom this thread is at work on. */
  readonly hearSubject = ({ text, thread }: LogLine): void => {
    const address = pointer(text, 'vm=');
    if (address === undefined) return;
    const { phase } = this.#setSubject(thread, subjectAt(address));
    // Of Finish and Confirm: whoever is called is told what became of Perform.
    if (phase !== undefined && isCancelling.test(text)) phase.isCancelled = true;
  };

  /** `name=demo, origname=<null>, ...`: the target's domain, before there is one. */
  readonly hearName = ({ text, thread }: LogLine): void => {
    const name = decode(between(text, 'name=', ', origname='));
    if (name === '') return;
    const subject = `domain ${name}`;
    this.attribution.name(subject, name);
    this.#setSubject(thread, subject);
  };

  /** `Thread 61 (rpc-libvirtd) finished job remoteDispatchDomainMigratePerform3Params with ret=0` */
  readonly hearCall = ({ text, thread: id, at }: LogLine): void => {
    const [, edge, word = '', status] = callName.exec(text) ?? [];
    const phase = phaseNamed(word.toLowerCase());
    if (edge === 'finished') {
      const thread = this.#of(id);
      this.#end(thread, at, Number(status) < 0 && thread.phase?.phase === phase);
    }
    this.#threads.delete(id);
    if (edge === 'now running' && phase !== undefined) this.#of(id).call = { phase, at };
  };

  /** `Setting 'migration out' phase to 'perform3'` */
  readonly hearPhase = ({ text, thread: id, at }: LogLine): void => {
    const [, direction = '', word = '', ending] = jobPhase.exec(text) ?? [];
    const phase = phaseNamed(word);
    const side = sides[direction];
    if (phase === undefined || side === undefined) return;
    const thread = this.#of(id);
    const isSame = thread.phase?.phase === phase;
    if (ending === '_done' || !isSame) this.#end(thread, at);
    if (ending === '_done' || isSame || thread.subject === undefined) return;
    const { call, hasBegun, subject } = thread;
    thread.phase = { phase, side, isCancelled: ending === '_cancelled' };
    thread.hasBegun = true;
    // What a call does before it has a job belongs to its phase.
    const startedAt = !hasBegun && call?.phase === phase ? call.at : at;
    this.attribution.add(subject, { ...thread.phase, type: 'phase', edge: 'begin', at: startedAt });
  };

  /** `Prepare3 0x5580` or `Finish3 0x5580 ret=-1`: the source calls the target. */
  readonly hearCallOfTarget = ({ text, thread, at }: LogLine): void => {
    this.#end(this.#of(thread), at, after(text, ' ret=').startsWith('-'));
  };

  /** The job is over, or rests; where calls are logged, they tell it better. */
  readonly hearJobEnd = ({ thread: id, at }: LogLine): void => {
    const thread = this.#of(id);
    if (thread.call === undefined) this.#end(thread, at);
  };

  hearError({ text, thread, at }: LogLine): void {
    const { subject, phase } = this.#of(thread);
    if (subject !== undefined && phase !== undefined) {
      this.#error = { subject, at, message: decode(text) };
    }
  }

  hearMore(text: string): void {
    if (this.#error !== undefined) this.#error.message += `\n${decode(text)}`;
  }

  /** The error that was heard last has no more lines. */
  finish(): void {
    const error = this.#error;
    if (error === undefined) return;
    this.#error = undefined;
    const { subject, ...said } = error;
    this.attribution.add(subject, { type: 'migration-error', ...said });
  }

  #end(thread: Thread, at: number, hasFailed = false): void {
    const { phase, subject } = thread;
    if (phase === undefined || subject === undefined) return;
    thread.phase = undefined;
    const edge = hasFailed ? 'failed' : 'end';
    this.attribution.add(subject, { ...phase, type: 'phase', edge, at });
  }

  #setSubject(id: number, subject: string): Thread {
    const thread = this.#of(id);
    thread.subject = subject;
    return thread;
  }

  #of(id: number): Thread {
    let thread = this.#threads.get(id);
    if (thread === undefined) {
      thread = { call: undefined, subject: undefined, phase: undefined, hasBegun: false };
      this.#threads.set(id, thread);
    }
    return thread;
  }
}

/** How a domain is called as long as only its place in memory is known. */
export function subjectAt(address: string): string {
  return `vm ${address}`;
}

function phaseNamed(word: string): MigrationPhase | undefined {
  return migrationPhases.find((phase) => phase === word);
}
