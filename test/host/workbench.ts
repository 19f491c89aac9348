import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostError, type HostErrorCode } from '../../src/host/errors';
import { openLocalHost, type LocalHost } from '../../src/host/local';
import type { ProcessIdentity } from '../../src/host/process';

/** A local host and an empty folder for each test of a suite; whatever a test starts ends with it. */
export class Workbench {
  host!: LocalHost;
  folder!: string;
  #started: ProcessIdentity[] = [];

  static forEachTest(): Workbench {
    const bench = new Workbench();
    beforeEach(async () => {
      bench.host = openLocalHost();
      bench.folder = await mkdtemp(join(tmpdir(), 'host-test-'));
    });
    afterEach(async () => {
      await bench.#tidy();
    });
    return bench;
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
    await this.host.dispose();
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

/** Resolves as soon as the condition holds; the test's own timeout is the limit. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
}
