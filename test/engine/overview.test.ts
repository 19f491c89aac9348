import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { Engine } from '../../src/engine/engine';
import { instancePaths } from '../../src/engine/plan/instance-paths';
import { stateIn } from '../../src/engine/inventory/overview';
import { traceFileName } from '../../src/engine/inventory/traces';
import type { Host } from '../../src/host/host';
import { countingHost } from '../support/counting-host';
import { qemu100 } from '../support/emulators';
import { closeServer } from '../support/net';
import { EngineBench } from '../support/workbench';

const greeting =
  '{"QMP": {"version": {"qemu": {"micro": 13, "minor": 0, "major": 10}, "package": ""}, "capabilities": ["oob"]}}';
const status = (state: string) =>
  `{"return": {"status": "${state}", "running": ${state === 'running'}}}`;
const event = (name: string) =>
  `{"event": "${name}", "data": {}, "timestamp": {"seconds": 1, "microseconds": 2}}`;

describe('What a monitor says in an overview', () => {
  const cases: readonly (readonly [
    what: string,
    lines: readonly string[] | undefined,
    state: string,
  ])[] = [
    ['the state', [greeting, '{"return": {}}', status('running')], 'running'],
    [
      'a state that no version had yet',
      [greeting, '{"return": {}}', status('dreaming')],
      'dreaming',
    ],
    ['an event in place of the answer', [greeting, '{"return": {}}', event('STOP')], 'paused'],
    ['another such event', [greeting, '{"return": {}}', event('RESUME')], 'running'],
    ['an event that tells no state', [greeting, '{"return": {}}', event('RTC_CHANGE')], 'unknown'],
    ['nothing', [], 'busy'],
    ['only a greeting', [greeting], 'unknown'],
    ['no QMP', ['SSH-2.0-OpenSSH_9.2'], 'unknown'],
    [
      'its messages over several lines',
      JSON.stringify([JSON.parse(status('paused'))], null, 4)
        .split('\n')
        .slice(1, -1),
      'paused',
    ],
    ['that nobody listens', undefined, 'unreachable'],
  ];
  for (const [what, lines, state] of cases) {
    it(`${what}: ${state}`, () => {
      assert.equal(stateIn(lines), state);
    });
  }
});

describe('An overview', () => {
  const bench = EngineBench.forEachTest();

  it('tells each domain with its instance, emulator, version and state', async () => {
    const [first, second] = [await bench.walker(), await bench.walker({ emulator: qemu100 })];
    await bench.engine.pause(second.name);
    const { domains, traces } = await bench.engine.overview();
    const told = domains.map(({ domain, state, instances, migration }) => ({
      ...{ name: domain.name, state, migration },
      instances: instances.map(({ instance, ...of }) => ({ ...of, id: instance.id })),
    }));
    const startedAt = (index: number) => domains[index]?.instances[0]?.startedAt;
    assert.deepEqual(told, [
      {
        ...{ name: first.name, state: 'running', migration: undefined },
        instances: [
          { id: 1, role: 'source', table: 'source', alive: true, startedAt: startedAt(0) },
        ],
      },
      {
        ...{ name: second.name, state: 'paused', migration: undefined },
        instances: [
          { id: 2, role: 'source', table: 'source', alive: true, startedAt: startedAt(1) },
        ],
      },
    ]);
    assert.ok(Math.abs((startedAt(0) ?? 0) - bench.host.now()) < 60_000_000);
    assert.deepEqual(traces, []);
    assert.match(domains[1]?.instances[0]?.instance.version ?? '', /^10\.0/);
  });

  it('tells why the last migration failed, until one goes well or the user ends one', async () => {
    const walker = await bench.walker();
    const lastFailure = async () => (await bench.engine.overview()).domains[0]?.lastFailure;
    assert.equal(await lastFailure(), undefined);
    const { error } = await walker.migrate({ emulator: '/no/such/qemu' });
    assert.equal((await lastFailure())?.code, 'EMULATOR_MISSING');
    assert.equal((await lastFailure())?.trace, error?.details.trace);
    await walker.migrate({ options: { signal: AbortSignal.abort() } });
    assert.equal((await lastFailure())?.code, 'EMULATOR_MISSING', 'no failure of its own');
    await walker.migrate();
    assert.equal(await lastFailure(), undefined);
  });

  it('tells a monitor that another client holds, and one that is gone', async () => {
    const [held, gone, dead] = [await bench.walker(), await bench.walker(), await bench.walker()];
    const client = await bench.host.connect({ unix: held.first.monitor });
    await once(client, 'data');
    await bench.host.files([{ op: 'remove', path: gone.first.monitor }]);
    await bench.kill(dead.first.process);
    const { domains } = await bench.engine.overview();
    client.destroy();
    assert.deepEqual(
      domains.map(({ state }) => state),
      ['busy', 'unreachable', 'gone'],
    );
  });

  it('hears out a monitor of an adopted QEMU that spreads its messages over lines', async () => {
    const path = bench.path('pretty.sock');
    const qemu = await bench.start([
      ...[qemu100, '-nodefaults', '-display', 'none', '-S', '-machine', 'q35'],
      ...['-qmp-pretty', `unix:${path},server=on,wait=off`],
    ]);
    (await bench.host.connect({ unix: path }, { waitFor: qemu })).destroy();
    await bench.engine.adopt({ pid: qemu.pid, name: 'pretty' });
    const { domains } = await bench.engine.overview();
    assert.equal(domains[0]?.state, 'prelaunch');
  });

  it('tells of a migration under way where it is, and where its trace grows', async () => {
    const walker = await bench.walker();
    const other = await Engine.open(bench.host, bench.stateFolder);
    let seen: Awaited<ReturnType<Engine['overview']>> | undefined;
    let own: Awaited<ReturnType<Engine['overview']>> | undefined;
    const { report } = await walker.migrate({
      emulator: qemu100,
      options: {
        beforeStep: async (_, step) => {
          if (step !== 'migrate') return;
          seen = await other.overview();
          own = await bench.engine.overview();
          assert.equal(other.migrations.size, 0);
        },
      },
    });
    assert.ok(report !== undefined);
    const [domain] = seen?.domains ?? [];
    assert.equal(domain?.state, 'migrating');
    assert.deepEqual(
      domain.instances.map(({ role, table, alive }) => ({ role, table, alive })),
      [
        { role: 'source', table: 'source', alive: true },
        { role: 'target', table: 'remote', alive: true },
      ],
    );
    const { tracePath } = report;
    const startedAt = domain.migration?.startedAt;
    const { client, progress, ...known } = domain.migration ?? assert.fail();
    assert.deepEqual(known, { tracePath, startedAt });
    assert.equal(client, 'other');
    // As far as its trace has told it by then.
    assert.match(String(progress.phase), /^(prepare|perform)$/);
    const its = own?.domains[0]?.migration;
    assert.equal(its?.client, 'own');
    assert.deepEqual([its.progress.phase, its.progress.step], ['perform', 'configure-source']);
    assert.equal(bench.engine.migrations.size, 0);
    assert.deepEqual(
      seen?.traces.map(({ path, domain, source }) => ({ path, domain, source })),
      [{ path: report.tracePath, domain: walker.name, source: 1 }],
    );
    await other.close();
  });
});

describe('An overview of a host with 1,000 domains', () => {
  const count = 1000;
  const servers: Server[] = [];
  let folders: readonly string[] = [];
  // Before the bench ends all domains: these have one process, and it is of the bench's own.
  afterEach(async () => {
    await bench.host.files(folders.map((path) => ({ op: 'remove', path }) as const));
    await Promise.all(servers.splice(0).map(closeServer));
  });
  const bench = EngineBench.forEachTest();

  it('takes three round trips', async () => {
    await makeDomains(bench.engine, bench.host);
    const { host, calls } = countingHost(bench.host);
    const engine = await Engine.open(host, bench.stateFolder);
    calls();
    const { domains, traces } = await engine.overview();
    assert.deepEqual(calls(), ['files', 'inspect', 'converse']);
    assert.equal(domains.length, count);
    assert.deepEqual([...new Set(domains.map(({ state }) => state))], ['running']);
    assert.equal(traces.length, count);
  });

  /** Domains on record, with one process for all of them, and monitors that are played. */
  async function makeDomains({ state }: Engine, host: Host): Promise<void> {
    const { pid, startTime, argv } = await bench.start(['sleep', '600']);
    const made = Array.from({ length: count }, (_, index) => {
      const [id, uuid] = [index + 1, randomUUID()];
      const folder = state.instanceFolder(id);
      const { monitor } = instancePaths(folder);
      const instance = { id, uuid, emulator: qemu100, version: '10.0.13', monitor };
      const domain = { uuid, name: `vm-${id}`, definition: ['-name', `vm-${id}`], source: id };
      const trace = state.tracePath(traceFileName(host.now() + id * 1e6, domain.name, id));
      return {
        monitor,
        folders: [folder, state.domainFolder(uuid)],
        records: [
          state.writeInstance({ ...instance, process: { pid, startTime, argv: [...argv] } }),
          state.writeDomain({ ...domain, takenSockets: [], ownedPaths: [] }),
          { op: 'write', path: trace, data: '' } as const,
        ],
      };
    });
    folders = made.flatMap((domain) => domain.folders);
    await host.files([
      ...folders.map((path) => ({ op: 'mkdir', path }) as const),
      ...made.flatMap(({ records }) => records),
    ]);
    await Promise.all(made.map(({ monitor }) => play(monitor)));
  }

  /** A monitor that greets, and answers the two commands. */
  async function play(path: string): Promise<void> {
    const server = createServer((socket) => {
      socket.write(`${greeting}\n`);
      socket.once('data', () => socket.write(`{"return": {}}\n${status('running')}\n`));
      socket.on('error', () => undefined);
    });
    servers.push(server);
    server.listen(path);
    await once(server, 'listening');
  }
});

describe('A watch of the host', () => {
  const bench = EngineBench.forEachTest();

  it('tells of a domain that another client starts, pauses, migrates and ends', async () => {
    const other = await Engine.open(bench.host, bench.stateFolder);
    const told = new Told();
    const watch = other.watch(told.hear);
    const walker = await bench.walker();
    await told.something();
    await bench.engine.pause(walker.name);
    await told.something();
    await walker.migrate();
    await told.something();
    await bench.engine.destroy(walker.name);
    await told.something();
    watch.dispose();
    await other.close();
  });
});

class Told {
  #count = 0;
  #wake: () => void = () => undefined;

  readonly hear = (): void => {
    this.#count++;
    this.#wake();
  };

  /** Resolves when something has been told since this was last called. */
  async something(): Promise<void> {
    while (this.#count === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#count = 0;
  }
}
