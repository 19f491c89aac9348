/**
 * Who listens to a libvirt daemon's log. A daemon has one set of log settings, and there may be any
 * number of listeners, of any clients: each adds an output to a file of its own, and together they add
 * the filters. With the last of them the settings are what they were.
 *
 * What they were is noted on the host before they are changed. Whoever changes them next, or connects
 * next, finds the listeners there whose clients live no more, and takes out what they have added. A
 * daemon that was started anew has the settings of its configuration: there is nothing to put back.
 */
import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import type { ProcessIdentity } from '../../host/process';
import { connectionUris } from '../../libvirt/connections';
import { daemonProcess, findDaemon, type QemuDaemon } from '../../libvirt/daemon';
import { LibvirtError } from '../../libvirt/errors';
import { withFiles, withoutFiles } from '../../libvirt/log-settings';
import { VirtAdmin } from '../../libvirt/virt-admin';
import { SidestepError } from '../errors';
import type { StateFolder } from '../state/state-folder';

const ListenerSchema = v.object({ id: v.string(), file: v.string() });
const NoteSchema = v.object({
  /** Of the daemon whose settings these are; missing where it hides its pid. */
  process: v.optional(v.object({ pid: v.number(), startTime: v.number() })),
  before: v.object({ outputs: v.string(), filters: v.string() }),
  listeners: v.array(ListenerSchema),
});
type Note = v.InferOutput<typeof NoteSchema>;
export type Listener = v.InferOutput<typeof ListenerSchema>;

/** What is noted. */
interface Settings extends Pick<Note, 'before'> {
  readonly process: ProcessIdentity | undefined;
  readonly listeners: readonly Listener[];
}

/** A daemon, with the process that runs it now; undefined where it hides its pid. */
export interface RunningDaemon extends QemuDaemon {
  readonly process: ProcessIdentity | undefined;
}

export class Listening {
  readonly #notePath: string;

  constructor(
    private readonly state: StateFolder,
    /** `qemu:///system` */
    private readonly uri: string,
  ) {
    this.#notePath = join(state.listeningFolder, noteOf(uri));
  }

  /** Where the daemon may write, and we may read. */
  newFile(): string {
    const folder = this.uri === 'qemu:///system' ? '/var/log/libvirt' : this.state.listeningFolder;
    return join(folder, `sidestep-${randomBytes(8).toString('hex')}.log`);
  }

  /**
   * The daemon logs to the listener's file from now on, and to no other of the same listener's. Also
   * for a daemon that was started anew.
   * @throws LibvirtError, HostError
   */
  add(listener: Listener, signal?: AbortSignal): Promise<RunningDaemon> {
    return this.#update((others) => [...without(others, listener.id), listener], signal);
  }

  /** The daemon logs to the listener's file no more; the file is left to the listener. */
  async remove(id: string): Promise<void> {
    await this.#update((others) => without(others, id));
  }

  /**
   * Takes out what listeners have added whose clients are gone, and their files. Nothing is asked of
   * the daemon if there are none, or if it is not the same any more.
   */
  async putBack(): Promise<void> {
    const note = await this.#readNote();
    if (note === undefined) return;
    const { alive, dead } = await this.#census(note);
    if (dead.length > 0 || alive.length === 0) await this.#update((others) => others);
  }

  /** @param edit those whose clients live → those that are to listen */
  async #update(
    edit: (alive: readonly Listener[]) => readonly Listener[],
    signal?: AbortSignal,
  ): Promise<RunningDaemon> {
    const { host } = this.state;
    const lock = await this.state.lockListening(signal);
    try {
      const note = await this.#readNote();
      const daemon = await findDaemon(host, this.uri);
      const process = await daemonProcess(host, daemon);
      const { alive, dead } = await this.#census(note);
      const listeners = edit(alive);
      const asSet = note !== undefined && isSame(note.process, process) ? note : undefined;
      if (listeners.length > 0 || asSet !== undefined) {
        const admin = new VirtAdmin(host, daemon.adminUri);
        const now = await admin.logSettings();
        const before =
          asSet === undefined ? now : withoutFiles(now, asSet.before, filesOf(asSet.listeners));
        if (listeners.length > 0) await this.#write({ process, before, listeners });
        await admin.setLogSettings(withFiles(before, filesOf(listeners)), now);
      }
      const isLast = listeners.length === 0;
      const removed = [...(isLast ? [this.#notePath] : []), ...filesOf(dead)];
      await host.files(removed.map((path) => ({ op: 'remove', path }) as const));
      return { ...daemon, process };
    } finally {
      await lock.release();
    }
  }

  async #census(
    note: Note | undefined,
  ): Promise<{ readonly alive: readonly Listener[]; readonly dead: readonly Listener[] }> {
    const noted = note?.listeners ?? [];
    const lives = await Promise.all(noted.map(({ id }) => this.state.isListening(id)));
    return {
      alive: noted.filter((_, index) => lives[index] === true),
      dead: noted.filter((_, index) => lives[index] === false),
    };
  }

  async #readNote(): Promise<Note | undefined> {
    const [data] = await this.state.host.files([{ op: 'read', path: this.#notePath }]);
    try {
      return data && v.parse(NoteSchema, JSON.parse(data.toString()));
    } catch (cause) {
      const path = this.#notePath;
      throw new SidestepError(
        'STATE_DAMAGED',
        `${path} cannot be read: it is not what Sidestep writes.`,
        { hint: 'Move the file away, and look at `virt-admin daemon-log-outputs`.', path, cause },
      );
    }
  }

  async #write({ process, before, listeners }: Settings): Promise<void> {
    const identity = process && { pid: process.pid, startTime: process.startTime };
    const note = { process: identity, before, listeners };
    await this.state.host.files([
      { op: 'mkdir', path: this.state.listeningFolder },
      { op: 'write', path: this.#notePath, data: `${JSON.stringify(note, undefined, 2)}\n` },
    ]);
  }
}

function isSame(noted: Note['process'], now: ProcessIdentity | undefined): boolean {
  return noted?.pid === now?.pid && noted?.startTime === now?.startTime;
}

function without(listeners: readonly Listener[], id: string): readonly Listener[] {
  return listeners.filter((each) => each.id !== id);
}

function filesOf(listeners: readonly Listener[]): string[] {
  return listeners.map(({ file }) => file);
}

/**
 * Puts back what dead clients have left of their listening, at every libvirt of the host. One that
 * cannot be asked now is left to whoever connects next.
 */
export async function putBackListening(state: StateFolder): Promise<void> {
  const [notes] = await state.host.files([{ op: 'list', path: state.listeningFolder }]);
  for (const uri of connectionUris) {
    if (!notes.includes(noteOf(uri))) continue;
    try {
      await new Listening(state, uri).putBack();
    } catch (error) {
      if (!(error instanceof LibvirtError)) throw error;
    }
  }
}

function noteOf(uri: string): string {
  return `${basename(uri)}.json`;
}
