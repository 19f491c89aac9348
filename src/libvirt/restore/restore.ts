/**
 * `virsh restore` of a guest that runs on meanwhile: libvirt reads a pipe, into which the QEMU that
 * has the guest writes its migration stream. A program on the host does it (restore.py), so that once
 * the guest is on its way nobody else is needed.
 */
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import { readDomainXml } from '../domain-xml';
import { saveImageHead } from '../save-image';
import source from './restore.py';

export interface RestoreRequest {
  /** Of libvirt's connection. */
  readonly uri: string;
  readonly uuid: string;
  /** The domain's live XML as libvirt is to run it, secrets included. */
  readonly xml: string;
  /** Whether the guest is to run once it is there. */
  readonly running: boolean;
  /** A private folder for the pipe and all else. */
  readonly folder: string;
  /** A free QMP monitor of the QEMU that has the guest. */
  readonly monitor: string;
  /** User and group that it runs as, if not as us. */
  readonly owner: readonly [uid: number, gid: number] | undefined;
}

/** The program's command line. */
export function restoreCommand({ xml, running, owner, ...request }: RestoreRequest): string[] {
  const writable = readDomainXml(xml).diskFiles.filter(({ isWritable }) => isWritable);
  const asked = {
    ...request,
    owner: owner ?? null,
    disks: writable.map(({ path }) => path),
    head: saveImageHead({ xml, running }).toString('base64'),
    options: [running ? '--running' : '--paused'],
  };
  const code = Buffer.from(source).toString('hex');
  const argument = Buffer.from(JSON.stringify(asked)).toString('hex');
  return ['python3', '-I', '-S', '-c', `exec(bytes.fromhex("${code}").decode())`, argument];
}

/** Where the program listens for its client. */
export const controlSocket = (folder: string): string => `${folder}/control.sock`;

/** A system call of the program's that failed: `ENOSPC`, and the system's own words. */
const SystemErrorSchema = v.object({ errno: v.string(), reason: v.string() });
export type SystemError = v.InferOutput<typeof SystemErrorSchema>;

/** How `virsh restore` ended, and what became of the guest. */
const ResultSchema = v.object({
  status: v.number(),
  said: v.string(),
  /** Whether libvirt has the guest; if not it never will have it. Null if that cannot be told. */
  taken: v.nullable(v.boolean()),
  /** Why libvirt was not even asked: there is no place for the pipe. */
  unable: v.optional(SystemErrorSchema),
});
export type RestoreResult = v.InferOutput<typeof ResultSchema>;

/** The pipe, which libvirt takes for a file. */
export const imagePath = (folder: string): string => `${folder}/image`;

/** Whether these arguments are the program's, for the domain with this folder. */
export function isRestoreProgram(argv: readonly string[], folder: string): boolean {
  // What it is asked is the one word that has the folder in it, in hexadecimal digits.
  const words = Buffer.from(JSON.stringify(folder)).toString('hex');
  return argv.some((word) => word.includes(words));
}

/** What the program has printed if it could not begin; undefined if that is something else. */
export function parseOutput(text: string): SystemError | undefined {
  try {
    return v.parse(SystemErrorSchema, JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What the program leaves behind at its end. */
export const resultPath = (folder: string): string => `${folder}/result`;
export const parseResult = (text: string): RestoreResult => v.parse(ResultSchema, JSON.parse(text));

const EventSchema = v.variant('event', [
  /** libvirt's QEMU waits for the guest. */
  v.object({ event: v.literal('reading'), pid: v.number() }),
  v.object({
    event: v.literal('command'),
    message: v.looseObject({ execute: v.string(), id: v.string() }),
  }),
  v.object({ event: v.literal('reply'), message: v.looseObject({ id: v.optional(v.string()) }) }),
  /** The guest is on its way. */
  v.object({ event: v.literal('migrating') }),
  v.object({ event: v.literal('restored'), ...ResultSchema.entries }),
]);
export type RestoreEvent = v.InferOutput<typeof EventSchema>;
type EventName = RestoreEvent['event'];

/** The program under way, to its client. */
export class Restore {
  readonly #told = new Map<EventName, RestoreEvent>();
  readonly #waiting = new Set<() => void>();
  #rest = '';
  #ended = false;

  constructor(
    private readonly stream: Duplex,
    private readonly onEvent: (event: RestoreEvent) => void,
  ) {
    stream.on('data', (data: Buffer) => {
      this.#hear(data.toString());
    });
    stream.on('error', () => undefined);
    stream.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Sends the guest on its way. */
  migrate(): void {
    this.stream.write('migrate\n');
  }

  /** Without a client it gives up, unless the guest is on its way. */
  dispose(): void {
    this.stream.destroy();
  }

  /**
   * Resolves once this, or the end, is told.
   * @returns undefined if the program ended without a word of it
   * @throws the signal's reason
   */
  async until<Name extends EventName>(
    name: Name,
    signal: AbortSignal,
  ): Promise<Extract<RestoreEvent, { event: Name }> | undefined> {
    for (;;) {
      const event = this.#told.get(name);
      if (event !== undefined) return event as Extract<RestoreEvent, { event: Name }>;
      if (this.#ended || this.#told.has('restored')) return undefined;
      signal.throwIfAborted();
      await this.#change(signal);
    }
  }

  /** Whether QEMU has begun to write. */
  get isMigrating(): boolean {
    return this.#told.has('migrating');
  }

  /** How `virsh restore` ended, if it has. */
  get result(): RestoreResult | undefined {
    const event = this.#told.get('restored');
    return event?.event === 'restored' ? event : undefined;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  #hear(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = v.parse(EventSchema, JSON.parse(line));
      this.#told.set(event.event, event);
      this.onEvent(event);
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
