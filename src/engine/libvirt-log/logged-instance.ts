/** One QEMU process, as far as libvirt's log of its monitor tells of it. */
import * as v from 'valibot';
import type { Micros } from '../../host/host';
import { migrationStatusOf, parseMigrationInfo, parseRunState } from '../../qemu/migration';
import { QmpError } from '../../qemu/qmp/errors';
import { parseMessage } from '../../qemu/qmp/messages';
import type { MessageEntry } from '../../libvirt/log/entries';
import { runStateAfter } from '../run-state';
import { ramEntry } from '../trace/ram-entry';
import type { Trace, TraceEntry } from '../trace/trace';

type QmpEntry = Omit<Extract<TraceEntry, { type: 'qmp' }>, 'kind'> & { readonly at: Micros };

const Command = v.object({
  execute: v.optional(v.string()),
  'exec-oob': v.optional(v.string()),
  id: v.optional(v.string()),
});

/** Commands that wait for an answer; what was never answered is forgotten some time. */
const mostOpen = 1_000;

export class LoggedInstance {
  pid: number | undefined;
  isGone = false;
  /** By id: the names of commands that are not answered yet. */
  readonly #open = new Map<string, string>();
  #runState: string | undefined;
  #hasStopped = false;
  /** When the first was heard of it, in µs since the Unix epoch. */
  #since: number | undefined;

  constructor(
    readonly id: number,
    private readonly trace: Trace,
  ) {}

  introduce(pid: number | undefined, runState: string | undefined, at: number): void {
    this.pid = pid;
    if (runState !== undefined) this.#enterRunState(runState, at);
  }

  hear({ kind, json, at }: MessageEntry): void {
    this.#since ??= at;
    let message: unknown;
    try {
      message = JSON.parse(json);
    } catch {
      this.#warnOfCut(json, at);
      return;
    }
    const direction = kind === 'command' ? 'sent' : 'received';
    const bytes = Buffer.byteLength(json);
    const entry = { type: 'qmp', instance: this.id, at, direction, bytes, message } as const;
    try {
      if (kind === 'command') this.#hearCommand(entry);
      else this.#hearReceived(entry);
    } catch (error) {
      if (!(error instanceof QmpError || error instanceof v.ValiError)) throw error;
      this.#warnOfCut(json, at);
    }
  }

  /** libvirt lets go of the monitor: of a process that was about to end, or of one that lives on. */
  close(at: number): void {
    if (this.#runState === 'shutdown' || this.#runState === 'postmigrate') this.end(at);
  }

  end(at: number): void {
    if (this.isGone) return;
    this.isGone = true;
    this.#enterRunState('gone', at);
  }

  #hearCommand(entry: QmpEntry): void {
    const { execute, 'exec-oob': outOfBand, id } = v.parse(Command, entry.message);
    const name = execute ?? outOfBand ?? '';
    if (id !== undefined) {
      this.#open.set(id, name);
      if (this.#open.size > mostOpen) this.#open.delete([...this.#open.keys()][0] ?? '');
    }
    const identity = id === undefined ? { name } : { name, id };
    this.trace.add({ ...entry, ...identity, kind: 'command' });
  }

  #hearReceived(entry: QmpEntry): void {
    const { at } = entry;
    const received = parseMessage(entry.message);
    switch (received.kind) {
      case 'greeting':
        this.trace.add({ ...entry, kind: 'greeting' });
        return;
      case 'event': {
        const { name } = received;
        this.trace.add({ ...entry, kind: 'event', name });
        const before = { state: this.#runState, hasStopped: this.#hasStopped };
        if (name === 'STOP') this.#hearStop(at);
        const state = runStateAfter(name, migrationStatusOf(received), before);
        if (state !== undefined) this.#enterRunState(state, at);
        return;
      }
      case 'reply':
      case 'error': {
        const { kind, id } = received;
        const name = id === undefined ? undefined : this.#answered(id);
        this.trace.add({
          ...entry,
          kind,
          ...(name !== undefined && { name }),
          ...(id !== undefined && { id }),
        });
        if (received.kind === 'reply') this.#learn(name, received.value, at);
      }
    }
  }

  /** What stops has run, and as long as it was heard: its beginning to run would have been told. */
  #hearStop(at: number): void {
    this.#hasStopped = true;
    if (this.#runState === undefined) this.#enterRunState('running', this.#since ?? at);
  }

  #answered(id: string): string | undefined {
    const name = this.#open.get(id);
    this.#open.delete(id);
    return name;
  }

  #learn(command: string | undefined, returned: unknown, at: number): void {
    if (command === 'query-status') this.#enterRunState(parseRunState(returned).status, at);
    else if (command === 'query-migrate') {
      const { ram } = parseMigrationInfo(returned);
      if (ram !== undefined) this.trace.add({ ...ramEntry(this.id, ram), at });
    }
  }

  #enterRunState(state: string, at: number): void {
    if (state === this.#runState) return;
    this.#runState = state;
    this.trace.add({ type: 'run-state', instance: this.id, state, at });
  }

  #warnOfCut(json: string, at: number): void {
    this.trace.add({
      type: 'warning',
      instance: this.id,
      at,
      code: 'LOG_MESSAGE_CUT',
      // Not what it says: that may be a secret.
      message: `The log has a message only in part, the first ${json.length} characters: it is left out.`,
    });
  }
}
