/**
 * The journal of a migration: on the host, one line a step, written before the step is taken (and
 * those of a whole phase at once). A journal that nobody's claim stands over belongs to a migration
 * that was cut off: whoever comes next learns from it what may have been done.
 *
 * A line is one append, so that a reader sees whole lines only. It has to outlive us, not the host:
 * the VMs die with that, and so nothing is forced to the disk.
 */
import * as v from 'valibot';
import type { FileOperation } from '../../host/files';
import type { Appender, Host } from '../../host/host';
import { SidestepError } from '../errors';
import { inBackground } from './background';
import { closeActions, type CloseAction } from './on-close';
import { phases, type Phase } from '../trace/record';
import {
  SourceCookieSchema,
  TakeBackSchema,
  TargetCookieSchema,
  type SourceCookie,
  type TargetCookie,
} from './cookies';

const BeginEntry = v.object({
  kind: v.literal('begin'),
  at: v.number(),
  uuid: v.string(),
  source: v.number(),
  trace: v.optional(v.string()),
  /** What is to become of it should its client go away. */
  onClose: v.optional(v.picklist(closeActions), 'finish'),
});
const StepEntry = v.object({
  kind: v.literal('step'),
  at: v.number(),
  phase: v.picklist(phases),
  step: v.string(),
});
/** Before the target is started. */
const CookiesEntrySchema = v.object({
  kind: v.literal('cookies'),
  at: v.number(),
  source: SourceCookieSchema,
  target: TargetCookieSchema,
});
/** Before anything is done to hand the domain to libvirt. */
const HandbackEntrySchema = v.object({
  kind: v.literal('handback'),
  at: v.number(),
  uri: v.string(),
  folder: v.string(),
  /** The id that libvirt's QEMU has in the trace. */
  target: v.number(),
  source: SourceCookieSchema,
  /** How the source takes back the addresses that it gives up. */
  addresses: v.array(TakeBackSchema),
});
export type HandbackEntry = v.InferOutput<typeof HandbackEntrySchema>;
const JournalEntrySchema = v.variant('kind', [
  BeginEntry,
  StepEntry,
  CookiesEntrySchema,
  HandbackEntrySchema,
]);
export type CookiesEntry = v.InferOutput<typeof CookiesEntrySchema>;
export type JournalEntry = v.InferOutput<typeof JournalEntrySchema>;

export interface Cookies {
  readonly source: SourceCookie;
  readonly target: TargetCookie;
}

/** A domain's and an instance's record, several times. */
const reservedBytes = 128 * 1024;

export class Journal {
  /** Announced before the file was opened. */
  readonly #early: JournalEntry[] = [];
  #file: Appender | undefined;
  #hasEnded = false;

  constructor(
    private readonly host: Host,
    private readonly path: string,
    /** Undefined for one that another client has begun. */
    private readonly migration?: {
      readonly uuid: string;
      readonly source: number;
      readonly trace?: string;
      readonly onClose?: CloseAction;
    },
  ) {
    if (migration === undefined) return;
    this.#early.push({ kind: 'begin', at: host.now(), onClose: 'finish', ...migration });
  }

  /**
   * Opens the file, once the domain is claimed: until then it may be another client's. Nothing is
   * changed on the host before.
   */
  async open(): Promise<void> {
    const { path } = this;
    const opening = inBackground(this.host.openAppend(path));
    try {
      // With what it is about to be opened for, in one round trip.
      await this.host.files([
        { op: 'append', path, data: print(this.#early.splice(0)) },
        { op: 'reserve', path: this.#reserve, bytes: reservedBytes },
      ]);
      this.#file = await opening;
    } catch (error) {
      await opening.then((file) => file.close()).catch(() => undefined);
      if (this.migration !== undefined) {
        await this.host.files([this.spending, { op: 'remove', path }]);
      }
      throw error;
    }
  }

  /** These steps of a phase are what comes next. */
  async announce(phase: Phase, steps: readonly string[]): Promise<void> {
    const at = this.host.now();
    const entries = steps.map((step) => ({ kind: 'step', at, phase, step }) as const);
    if (this.#file === undefined) this.#early.push(...entries);
    else await this.#file.append(print(entries));
  }

  /** Writes down what is needed to go on without us; another target's take the place of those before. */
  noteCookies({ source, target }: Cookies): FileOperation {
    const entry = { kind: 'cookies', at: this.host.now(), source, target } as const;
    return { op: 'append', path: this.path, data: print([entry]) };
  }

  /** Writes down what is needed to go on with a hand-back without us. */
  noteHandback(handback: Omit<HandbackEntry, 'kind' | 'at'>): FileOperation {
    const entry = { kind: 'handback', at: this.host.now(), ...handback } as const;
    return { op: 'append', path: this.path, data: print([entry]) };
  }

  /** Space on a disk that is full by now, for the records that have to be written next. */
  get spending(): FileOperation {
    return { op: 'remove', path: this.#reserve };
  }

  /** The migration has come to an end, so nothing is left for anyone to finish. */
  end(): void {
    this.#hasEnded = true;
  }

  get #reserve(): string {
    return `${this.path}.reserve`;
  }

  close(): Promise<void> {
    return this.#file?.close() ?? Promise.resolve();
  }

  /** What removes it, if the migration has ended; else it is left to whoever recovers that. */
  get removal(): FileOperation[] {
    return this.#file !== undefined && this.#hasEnded
      ? [this.spending, { op: 'remove', path: this.path }]
      : [];
  }
}

function print(entries: readonly JournalEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

/**
 * The entries of a journal; a last line that is not whole is none.
 * @throws SidestepError `STATE_DAMAGED`
 */
export function readJournal(text: string): JournalEntry[] {
  return text.split('\n').slice(0, -1).map(parseEntry);
}

function parseEntry(line: string): JournalEntry {
  try {
    return v.parse(JournalEntrySchema, JSON.parse(line));
  } catch (cause) {
    throw new SidestepError(
      'STATE_DAMAGED',
      'The journal of a migration cannot be read: it is not what Sidestep writes.',
      {
        hint: 'See by hand where the guest runs, then move the journal.ndjson of its domain away.',
        cause,
      },
    );
  }
}
