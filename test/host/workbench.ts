import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostError, type HostErrorCode } from '../../src/host/errors';
import type { Host } from '../../src/host/host';
import { openLocalHost } from '../../src/host/local';
import type { ProcessIdentity } from '../../src/host/process';
import { openTestHost } from '../support/ssh-host';

/** A kind of host that the same tests are run on: all are this machine, reached in different ways. */
export interface HostKind {
  readonly name: string;
  /** Where programs run unless another folder is given. */
  readonly cwd: string;
  open(): Promise<Host>;
  /** Whether a test leaves its host to the next one, unless it has disposed of it. */
  readonly keep: boolean;
}

export const localKind: HostKind = {
  name: 'the local host',
  cwd: process.cwd(),
  open: () => Promise.resolve(openLocalHost()),
  keep: false,
};

export const sshKind: HostKind = {
  name: 'a host behind SSH',
  cwd: homedir(),
  open: () => openTestHost(),
  keep: true,
};

export function describeOnEachHost(what: string, suite: (bench: Workbench) => void): void {
  for (const kind of [localKind, sshKind]) {
    describe(`${what} on ${kind.name}`, () => {
      suite(Workbench.forEachTest(kind));
    });
  }
}

/** A host and an empty folder for each test of a suite; whatever a test starts ends with it. */
export class Workbench {
  host!: Host;
  folder!: string;
  readonly #kind: HostKind;
  #isOpen = false;
  #started: ProcessIdentity[] = [];

  private constructor(kind: HostKind) {
    this.#kind = kind;
  }

  static forEachTest(kind: HostKind): Workbench {
    const bench = new Workbench(kind);
    beforeEach(async () => {
      if (!bench.#isOpen) await bench.#open();
      bench.folder = await mkdtemp(join(tmpdir(), 'host-test-'));
    });
    afterEach(async () => {
      await bench.#tidy();
    });
    after(async () => {
      if (bench.#isOpen) await bench.host.dispose();
    });
    return bench;
  }

  get cwd(): string {
    return this.#kind.cwd;
  }

  /** The same host once more, to be disposed of by the caller. */
  openAnother(): Promise<Host> {
    return this.#kind.open();
  }

  async #open(): Promise<void> {
    this.host = await this.#kind.open();
    this.#isOpen = true;
    const dispose = this.host.dispose.bind(this.host);
    this.host.dispose = () => {
      this.#isOpen = false;
      return dispose();
    };
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  async start(...argv: string[]): Promise<ProcessIdentity> {
    return this.mustEnd(await this.host.start({ argv, outputPath: this.path('output') }));
  }

  /** The identity of a process, which is killed at the end of the test. */
  mustEnd(identity: ProcessIdentity): ProcessIdentity {
    this.#started.push(identity);
    return identity;
  }

  async #tidy(): Promise<void> {
    const last = openLocalHost();
    for (const { pid, startTime } of this.#started.splice(0)) {
      const [now] = await last.inspect([pid]);
      // With its session's other processes, such as what a shell has started.
      if (now?.startTime === startTime) await last.run(['kill', '-KILL', '--', `-${pid}`]);
    }
    await last.dispose();
    if (!this.#kind.keep) await this.host.dispose();
    await rm(this.folder, { recursive: true });
  }
}

/** For `assert.rejects`: a HostError of this code, about this path or program. */
export function hostError(code: HostErrorCode, subject?: string): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof HostError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, / .*\.$/s, 'the message is a sentence');
    if (subject !== undefined) assert.equal(error.subject, subject);
    return true;
  };
}
