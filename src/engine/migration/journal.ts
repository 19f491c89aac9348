/**
 * The journal of a migration: on the host, one line a step, written before the step is taken. A
 * journal with no end belongs to a migration that was cut off: whoever comes next learns from it
 * what may have been done.
 *
 * A line is one append, so that a reader sees whole lines only. It has to outlive us, not the host:
 * the VMs die with that, and so nothing is forced to the disk.
 */
import * as v from 'valibot';
import type { Appender, Host } from '../../host/host';
import { phases, type Phase } from '../trace/record';

const BeginEntry = v.object({
  kind: v.literal('begin'),
  at: v.number(),
  uuid: v.string(),
  source: v.number(),
  trace: v.optional(v.string()),
});
const StepEntry = v.object({
  kind: v.literal('step'),
  at: v.number(),
  phase: v.picklist(phases),
  step: v.string(),
});
const JournalEntrySchema = v.variant('kind', [BeginEntry, StepEntry]);
export type JournalEntry = v.InferOutput<typeof JournalEntrySchema>;

export class Journal {
  /** Announced before the file was opened. */
  readonly #early: JournalEntry[] = [];
  #file: Appender | undefined;

  constructor(
    private readonly host: Host,
    private readonly path: string,
    migration: { readonly uuid: string; readonly source: number; readonly trace?: string },
  ) {
    this.#early.push({ kind: 'begin', at: host.now(), ...migration });
  }

  /**
   * Opens the file, once the domain is locked: until then it may be another client's. Nothing is
   * changed on the host before.
   */
  async open(): Promise<void> {
    const file = await this.host.openAppend(this.path);
    try {
      await file.append(this.#early.splice(0).map(print).join(''));
    } catch (error) {
      await file.close();
      await this.host.files([{ op: 'remove', path: this.path }]);
      throw error;
    }
    this.#file = file;
  }

  async announce(phase: Phase, step: string): Promise<void> {
    const entry = { kind: 'step', at: this.host.now(), phase, step } as const;
    if (this.#file === undefined) this.#early.push(entry);
    else await this.#file.append(print(entry));
  }

  /** The migration has come to an end, so nothing is left for anyone to finish. */
  async end(): Promise<void> {
    if (this.#file === undefined) return;
    await this.close();
    await this.host.files([{ op: 'remove', path: this.path }]);
  }

  /** Leaves the journal for whoever recovers the migration. */
  async close(): Promise<void> {
    await this.#file?.close();
  }
}

function print(entry: JournalEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** The entries of a journal; a last line that is not whole is none. */
export function readJournal(text: string): JournalEntry[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => v.parse(JournalEntrySchema, JSON.parse(line)));
}
