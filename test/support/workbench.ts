/** An engine on a host of its own state, and walkers to migrate, for the tests of the engine. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { cp, copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Engine } from '../../src/engine/engine';
import { asSidestepError, type SidestepError } from '../../src/engine/errors';
import { InstanceMonitor } from '../../src/engine/instance-monitor';
import type { MigrateOptions, MigrationReport } from '../../src/engine/migration/migrate';
import type { Mode } from '../../src/engine/mode';
import type { RamPlace } from '../../src/engine/domain/upgrade-ready';
import type { DomainOverview } from '../../src/engine/inventory/overview';
import type { Domain, StartedInstance } from '../../src/engine/state/records';
import { readTrace } from '../../src/engine/trace/file';
import type { Outcome, TraceRecord } from '../../src/engine/trace/record';
import { untraced } from '../../src/engine/trace/trace';
import type { ProcessIdentity, Signal } from '../../src/host/process';
import type { Host } from '../../src/host/host';
import { openLocalHost } from '../../src/host/local';
import type { QmpClient } from '../../src/qemu/qmp/client';
import { qemu100, qemu72 } from './emulators';
import { eventually } from './eventually';
import { checkWalkerMemory, walkerImage, walkerRamMiB, writeWalkerImage } from './guests';
import { checkRunning, checkSteps, type RunningOptions } from './invariant';

export interface WalkerOptions {
  readonly name?: string;
  readonly emulator?: string;
  readonly machine?: string;
  readonly ram?: RamPlace;
  /** Beyond those a walker needs. */
  readonly arguments?: readonly string[];
  /** As `writeWalkerImage` has it; 50 if not given. */
  readonly stepsPerSecond?: number;
}

export interface MigrateRequest extends RunningOptions {
  readonly emulator?: string;
  readonly mode?: Mode | 'auto';
  readonly options?: MigrateOptions;
}

/** How a migration went: with a report, or with the error of one that did not move the guest. */
export interface Migrated {
  readonly outcome: Outcome;
  readonly report: MigrationReport | undefined;
  readonly error: SidestepError | undefined;
  readonly records: readonly TraceRecord[];
  /** The instance that runs the guest, as far as the events tell. */
  readonly runner: number | undefined;
}

/** Outcomes after which the guest goes on. */
const guestLives = new Set<Outcome>(['moved', 'stayed', 'refused']);

export class EngineBench {
  host!: Host;
  engine!: Engine;
  folder!: string;
  readonly #walkers: Walker[] = [];
  readonly #strangers: ProcessIdentity[] = [];

  private constructor(private readonly openHost: () => Promise<Host>) {}

  /** @param openHost the host that the engine is to be on, if not this machine as such */
  static forEachTest(openHost = openLocally): EngineBench {
    const bench = new EngineBench(openHost);
    beforeEach(() => bench.open());
    afterEach(() => bench.close());
    return bench;
  }

  /** For tests that share domains, because each leaves them running. */
  static forSuite(): EngineBench {
    const bench = new EngineBench(openLocally);
    before(() => bench.open());
    after(() => bench.close());
    return bench;
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  get stateFolder(): string {
    return this.engine.state.path;
  }

  /** Starts a domain with a walker in it, and waits until that has begun to walk. */
  async walker(options: WalkerOptions = {}): Promise<Walker> {
    const { emulator = qemu72, machine = 'q35', ram, stepsPerSecond } = options;
    const number = this.#walkers.length + 1;
    const image = this.path(`walker-${number}.img`);
    const serialPath = this.path(`serial-${number}.txt`);
    if (stepsPerSecond === undefined) await copyFile(walkerImage, image);
    else await writeWalkerImage(image, { stepsPerSecond });
    const started = await this.engine.start({
      name: options.name ?? `walker-${number}`,
      emulator,
      cwd: this.folder,
      ...(ram !== undefined && { ram }),
      arguments: [
        ...['-machine', machine, '-m', String(walkerRamMiB), '-nodefaults', '-display', 'none'],
        ...['-drive', `file=${image},format=raw,if=virtio`, '-serial', `file:${serialPath}`],
        ...(options.arguments ?? []),
      ],
    });
    return this.#walks(started.domain, started.instance, serialPath);
  }

  /** A walker that was started by hand: it becomes the bench's as if by `walker`. */
  async #walks(domain: Domain, instance: StartedInstance, serialPath: string): Promise<Walker> {
    const walker = new Walker(this, domain, instance, serialPath);
    this.#walkers.push(walker);
    await walker.goesOn();
    return walker;
  }

  /** Takes in a QEMU that the test has started, with its walker's serial port in that file. */
  async adopt(
    request: { readonly pid: number } | { readonly socket: string },
    serialPath: string,
    name?: string,
  ): Promise<Walker> {
    const { domain, instance } = await this.engine.adopt({ ...request, name });
    return this.#walks(domain, instance, serialPath);
  }

  /** Starts a program that is no domain; it is killed at the end. */
  async start(argv: readonly string[], cwd = this.folder): Promise<ProcessIdentity> {
    const started = await this.host.start({ argv, cwd, outputPath: this.path('stranger.out') });
    this.#strangers.push(started);
    return started;
  }

  /** The QMP monitor of an instance, to be asked by the test itself. */
  async qmp<T>(instance: StartedInstance, ask: (client: QmpClient) => Promise<T>): Promise<T> {
    const monitor = await InstanceMonitor.connect(this.host, instance, untraced(this.host));
    try {
      return await ask(monitor.client);
    } finally {
      monitor.close();
    }
  }

  /** The process of a migration's target, while that is under way. */
  async targetOf({ uuid }: Walker): Promise<ProcessIdentity> {
    const { tables } = await this.engine.state.read();
    const [source, target] = tables.instances.filter((instance) => instance.uuid === uuid);
    // Towards the end the source is no longer in the tables.
    const { process } = target ?? source ?? {};
    assert.ok(process !== undefined, 'no target is started');
    return process;
  }

  async readTrace(path: string): Promise<TraceRecord[]> {
    return readTrace(await readFile(path, 'utf8'), path);
  }

  async isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
    const [facts] = await this.host.inspect([pid]);
    return facts?.startTime === startTime;
  }

  /** Ends a process, and waits until it is gone. */
  async kill(process: ProcessIdentity, signal: Signal = 'SIGKILL'): Promise<void> {
    const [facts] = await this.host.inspect([process.pid]);
    if (facts?.startTime === process.startTime) await this.host.signal(facts, signal);
    await this.host.waitForExit(process);
  }

  async open(): Promise<void> {
    // Short, for the paths of sockets are.
    this.folder = await mkdtemp('/tmp/sst-');
    this.host = await this.openHost();
    await this.openState(this.path('state'));
  }

  /** Goes on with a new connection to the host, and what the last one has left there. */
  async reconnect(openHost = this.openHost): Promise<void> {
    await this.host.dispose();
    this.host = await openHost();
    this.engine = await Engine.open(this.host, this.stateFolder);
  }

  /** Goes on with an engine on another state folder, which is made if there is none. */
  async openState(path: string): Promise<void> {
    await mkdir(path, { mode: 0o700 });
    await cp(await probedEmulators(), join(path, 'emulators'), { recursive: true });
    this.engine = await Engine.open(this.host, path);
  }

  /** Ends all domains, and makes sure that nothing of them is left. */
  async close(): Promise<void> {
    try {
      await this.nothingIsUnderWay();
      const { domains: listed } = await this.engine.overview();
      for (const { domain } of listed) await this.engine.destroy(domain.uuid);
      for (const stranger of this.#strangers.splice(0)) await this.kill(stranger);
      assert.deepEqual(await readdir(join(this.stateFolder, 'instances')), []);
      assert.deepEqual(await readdir(join(this.stateFolder, 'domains')), []);
      assert.deepEqual(await this.#ramFilesLeft(), [], 'RAM files are left');
    } finally {
      this.#walkers.length = 0;
      await this.host.dispose();
      const left = await this.#processesLeft();
      for (const { pid } of left) process.kill(pid, 'SIGKILL');
      await rm(this.folder, { recursive: true });
      assert.deepEqual(left, [], 'processes are left');
    }
  }

  /** What every migration leaves: no journal, and of the instances only those that run domains. */
  async nothingIsUnderWay(): Promise<void> {
    const { tables, journals } = await this.engine.state.read();
    assert.deepEqual([...journals.keys()], [], 'journals are left');
    assert.deepEqual(
      (await readdir(join(this.stateFolder, 'instances'))).map(Number).sort((a, b) => a - b),
      tables.domains.map(({ source }) => source),
      'folders of other instances are left',
    );
    assert.equal(tables.remote.size, 0, 'an instance is left in the remote tables');
  }

  async #ramFilesLeft(): Promise<string[]> {
    const folder = `/dev/shm/sidestep-${this.host.facts.uid}`;
    const names = await readdir(folder).catch(() => []);
    return names.filter((name) => this.#walkers.some(({ uuid }) => name.includes(uuid)));
  }

  async #processesLeft(): Promise<{ pid: number; commandLine: string }[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const processes = await Promise.all(
      pids.map(async (pid) => {
        const data = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        return { pid, commandLine: data.replaceAll('\0', ' ') };
      }),
    );
    return processes.filter(({ commandLine }) => commandLine.includes(`${this.folder}/`));
  }
}

/** A domain with a walker in it. */
export class Walker {
  constructor(
    private readonly bench: EngineBench,
    readonly domain: Domain,
    /** The instance it was started as. */
    readonly first: StartedInstance,
    readonly serialPath: string,
  ) {}

  get name(): string {
    return this.domain.name;
  }

  get uuid(): string {
    return this.domain.uuid;
  }

  /** The instance in the source tables. */
  async instance(): Promise<StartedInstance> {
    const { tables } = await this.bench.engine.state.read();
    const instance = tables.source.byUuid(this.uuid);
    assert.ok(instance?.process !== undefined, `${this.name} has no instance that was started`);
    return { ...instance, process: instance.process };
  }

  async output(): Promise<string> {
    return readFile(this.serialPath, 'latin1');
  }

  /** Resolves once the guest has printed more than it had when this was called. */
  async goesOn(): Promise<void> {
    const before = await this.output().catch(() => '');
    await new Promise<void>((resolve) => {
      let printed = '';
      const watch = this.bench.host.watchGrowth(this.serialPath, before.length, (data) => {
        printed += data.toString('latin1');
        // The line that was begun, and one more.
        if (printed.split('\n').length < 3) return;
        watch.dispose();
        resolve();
      });
    });
  }

  /**
   * Migrates, and holds the outcome against the invariant: from what QEMU's events say, from what the
   * guest prints, and from what both processes say of themselves afterwards.
   */
  async migrate(request: MigrateRequest = {}): Promise<Migrated> {
    const migrated = await this.attempt(request);
    if (guestLives.has(migrated.outcome)) await this.checkWhereItRuns(migrated.runner);
    return migrated;
  }

  /** Migrates with a look at QEMU's events only: where another client's migration is in the way. */
  async attempt({
    emulator,
    mode = 'auto',
    options,
    ...running
  }: MigrateRequest = {}): Promise<Migrated> {
    const records: TraceRecord[] = [];
    const migrated = await this.bench.engine
      .migrate(
        { domain: this.uuid, emulator, mode },
        {
          ...options,
          onRecord: (record) => {
            records.push(record);
            options?.onRecord?.(record);
          },
        },
      )
      .then(
        (report) => ({ outcome: 'moved' as const, report, error: undefined }),
        (thrown: unknown) => {
          const error = asSidestepError(thrown);
          const { outcome } = error.details;
          assert.ok(outcome !== undefined, `an error without an outcome: ${String(error.stack)}`);
          return { outcome, report: undefined, error };
        },
      );
    const runsOn = guestLives.has(migrated.outcome);
    return { ...migrated, records, runner: checkRunning(records, { runsOn, ...running }) };
  }

  /** Exactly one process has the guest, it is the one in the tables, and the guest goes on. */
  async checkWhereItRuns(runner?: number): Promise<void> {
    const domain = await this.#listed();
    assert.deepEqual(
      domain.instances.map(({ table, alive }) => ({ table, alive })),
      [{ table: 'source', alive: true }],
    );
    if (runner !== undefined) assert.equal(domain.domain.source, runner);
    if (domain.state === 'running') await this.goesOn();
    else assert.equal(domain.state, 'paused');
    checkSteps(await this.output());
  }

  /** As listed once its QEMU answers: a machine that stalls may keep it from that for a while. */
  async #listed(): Promise<DomainOverview> {
    let listed: DomainOverview | undefined;
    await eventually(async () => {
      const { domains } = await this.bench.engine.overview();
      listed = domains.find(({ domain }) => domain.uuid === this.uuid);
      return listed?.state !== 'busy';
    });
    assert.ok(listed !== undefined, `${this.name} is no longer listed`);
    return listed;
  }

  /** QEMU alone brings a migration to an end, after which exactly one instance runs the guest. */
  async runsInOnePlace(): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const { tables } = await this.bench.engine.state.read();
      const states: unknown[] = [];
      // The guest goes from the older to the newer one: asked in this order, it is not met twice.
      for (const { process, ...instance } of [...tables.instances].reverse()) {
        if (process === undefined || instance.uuid !== this.uuid) continue;
        const ask = this.bench.qmp({ ...instance, process }, (client) =>
          client.execute('query-status'),
        );
        states.push(await ask.catch(() => undefined));
      }
      const running = states.filter((state) =>
        JSON.stringify(state ?? null).includes('"running":true'),
      );
      assert.ok(running.length < 2, 'two instances run the guest');
      if (running.length === 1) return;
      assert.ok(Date.now() < deadline, `no instance runs the guest: ${JSON.stringify(states)}`);
    }
  }

  /** Stops the guest and checks that each page of its RAM is as the walker left it. */
  async checkMemory(): Promise<void> {
    const dump = this.bench.path('memory.dump');
    await this.bench.qmp(await this.instance(), async (client) => {
      const size = walkerRamMiB * 1024 ** 2;
      await client.execute('stop');
      await client.execute('pmemsave', { val: 0, size, filename: dump });
      await client.execute('cont');
    });
    checkWalkerMemory(await readFile(dump));
    await rm(dump);
  }
}

function openLocally(): Promise<Host> {
  return Promise.resolve(openLocalHost());
}

let probed: Promise<string> | undefined;

/** A folder with what both emulators can do and lack of each other, so that not every test asks them. */
function probedEmulators(): Promise<string> {
  return (probed ??= (async () => {
    const folder = await mkdtemp('/tmp/sst-emulators-');
    process.once('exit', () => {
      rmSync(folder, { recursive: true });
    });
    const host = openLocalHost();
    const { emulators, state } = await Engine.open(host, join(folder, 'state'));
    const [older, newer] = await emulators.describe([qemu72, qemu100]);
    for (const backend of ['memory-backend-file', 'memory-backend-memfd']) {
      const walker = ['-machine', 'q35', '-object', `${backend},id=pc.ram`];
      await emulators.compare(older, newer, walker);
      await emulators.compare(newer, older, walker);
    }
    await host.dispose();
    return state.emulatorFolder;
  })());
}
