/** The command as a user has it: the bundle, each test with a state folder of its own. */
import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { repository } from '../../scripts/setup/cache.mjs';
import { quoteArguments } from '../../src/qemu/commandline/launch-script';
import { QmpClient } from '../../src/qemu/qmp/client';
import { eventually } from '../support/eventually';
import { walkerImage, walkerRamMiB, writeWalkerImage } from '../support/guests';
import { connectTo } from '../support/net';
import { ErrorDocument, ListDocument } from './schemas';

const bundle = join(repository, 'dist/cli.js');
let built: Promise<unknown> | undefined;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class CliBench {
  folder!: string;

  static forEachTest(): CliBench {
    const bench = new CliBench();
    before(async () => {
      built ??= promisify(execFile)(process.execPath, [join(repository, 'scripts/build.mjs')]);
      await built;
    });
    beforeEach(async () => {
      // Short: the paths of unix sockets are.
      bench.folder = await mkdtemp('/tmp/ssc-');
    });
    afterEach(async () => {
      const { status, stdout } = await bench.run(['list', '--json']);
      if (status === 0) {
        for (const { uuid, libvirt } of parseAs(ListDocument, stdout).domains) {
          // The machine may have a libvirt of its own.
          if (libvirt === null) await bench.run(['destroy', uuid]);
        }
      }
      await rm(bench.folder, { recursive: true });
    });
    return bench;
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  get stateFolder(): string {
    return this.path('state');
  }

  /** Starts the command with its output piped. */
  spawn(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(process.execPath, [bundle, '--state-dir', this.stateFolder, ...args], {
      cwd: this.folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Runs the command on a terminal, as util-linux's script gives one, with something typed into it. */
  async runOnTerminal(
    args: readonly string[],
    typed = '',
    env: NodeJS.ProcessEnv = {},
  ): Promise<Ended> {
    const command = [process.execPath, bundle, '--state-dir', this.stateFolder, ...args];
    const child = spawn('script', ['-qec', quoteArguments(command), '/dev/null'], {
      cwd: this.folder,
      env: { ...process.env, TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.write(typed);
    const result = await ended(child);
    child.stdin.destroy();
    return result;
  }

  async run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> {
    return ended(this.spawn(args, env));
  }

  /** Runs a command that is to succeed; its document, which has that shape and nothing more. */
  async document<Schema extends v.GenericSchema>(
    schema: Schema,
    args: readonly string[],
    status = 0,
  ): Promise<v.InferOutput<Schema>> {
    const ended = await this.run([...beforeRest(args, '--json')]);
    assert.equal(ended.status, status, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
    assert.equal(ended.stderr, '');
    return parseAs(schema, ended.stdout);
  }

  /** Runs a command that is to fail; the error of its document. */
  async error(args: readonly string[], status: number) {
    return (await this.document(ErrorDocument, args, status)).error;
  }

  /** Starts a domain with a walker in it. */
  async start(name: string, more: readonly string[] = [], options: readonly string[] = []) {
    const image = this.path('walker.img');
    await copyFile(walkerImage, image);
    const machine = ['-M', 'q35', '-m', String(walkerRamMiB), '-nodefaults', '-display', 'none'];
    const drive = ['-drive', `file=${image},format=raw,if=virtio`];
    const { status, stderr } = await this.run([
      'start',
      name,
      ...options,
      '--',
      ...machine,
      ...drive,
      ...more,
    ]);
    assert.equal(status, 0, stderr);
  }

  /** Starts `busy`, which writes its RAM about as fast as it can be copied. */
  async startBusy(): Promise<void> {
    const image = this.path('fast.img');
    await writeWalkerImage(image, { ramMiB: 1024, stepsPerSecond: 1000 });
    const started = await this.run([
      ...['start', 'busy', '--', '-M', 'q35', '-m', '1024', '-nodefaults', '-display', 'none'],
      ...['-drive', `file=${image},format=raw,if=virtio`, '-serial', 'file:steps.txt'],
    ]);
    assert.equal(started.status, 0, started.stderr);
    // Before it walks its RAM is empty, and soon across.
    await eventually(async () => (await stat(this.path('steps.txt'))).size > 0);
  }

  /** Slows down the migration of `busy` that is under way: it never converges, however fast the machine. */
  async holdBack(): Promise<void> {
    const stream = await connectTo({ path: this.path('state/instances/1/console.sock') });
    const client = await QmpClient.open(stream, { now: () => Date.now() * 1000 });
    await client.execute('migrate-set-parameters', { 'max-bandwidth': 1024 ** 2 });
    client.close();
  }
}

export async function ended(child: ChildProcess): Promise<Ended> {
  assert.ok(child.stdout && child.stderr);
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { status, stdout, stderr };
}

export function parseAs<Schema extends v.GenericSchema>(
  schema: Schema,
  json: string,
): v.InferOutput<Schema> {
  return v.parse(schema, JSON.parse(json));
}

export async function readVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  return v.parse(v.object({ version: v.string() }), manifest).version;
}

/** An option put before `--`, behind which it would be QEMU's. */
function beforeRest(args: readonly string[], option: string): string[] {
  const end = args.indexOf('--');
  return end < 0 ? [...args, option] : [...args.slice(0, end), option, ...args.slice(end)];
}
