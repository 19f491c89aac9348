/** Listening to the QMP traffic of a real libvirt, and how it then logs as it did before. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, symlink, rm } from 'node:fs/promises';
import { Engine } from '../../src/engine/engine';
import type { ListenOptions } from '../../src/engine/libvirt/listen';
import { timeLimit } from '../../src/host/time-limit';
import { readTrace } from '../../src/engine/trace/file';
import type { TraceRecord } from '../../src/engine/trace/record';
import { LibvirtBench } from './support/bench';
import { libvirtd, restartLibvirtd } from './support/daemon';
import type { LibvirtDomain } from './support/domain';
import { room } from './support/room';
import { virsh, virtAdmin } from './support/virsh';

const ownConfiguration = '3:file:/var/log/libvirt/libvirtd.log';

interface Settings {
  readonly outputs: string;
  readonly filters: string;
}

async function settings(): Promise<Settings> {
  const told = async (what: string) =>
    (await virtAdmin('-q', `daemon-log-${what}`)).trim().replace(/ +/g, ' ');
  return { outputs: await told('outputs'), filters: await told('filters') };
}

async function setSettings(outputs: string, filters: string): Promise<Settings> {
  await virtAdmin('daemon-log-outputs', outputs);
  await virtAdmin('daemon-log-filters', filters);
  return settings();
}

async function ownLogs(): Promise<string[]> {
  return (await readdir('/var/log/libvirt')).filter((name) => name.startsWith('sidestep-'));
}

/** Somebody who listens. */
class Listener {
  readonly records: TraceRecord[] = [];
  readonly #end = new AbortController();
  readonly #waiting = new Set<() => void>();
  #work: Promise<string> | undefined;
  path = '';

  static async to(
    engine: Engine,
    domain: LibvirtDomain,
    options: Partial<ListenOptions> = {},
  ): Promise<Listener> {
    const listener = new Listener();
    await new Promise<void>((resolve, reject) => {
      const { signal } = listener.#end;
      listener.#work = engine.listen(
        { uri: 'qemu:///system', domain: domain.name },
        {
          ...options,
          signal,
          onRecord(record) {
            listener.records.push(record);
            for (const look of listener.#waiting) look();
          },
          onListening(path) {
            listener.path = path;
            resolve();
          },
        },
      );
      listener.#work.catch(reject);
    });
    return listener;
  }

  /** Resolves once there is such a record. */
  async hears(what: string, is: (record: TraceRecord) => boolean): Promise<TraceRecord> {
    for (;;) {
      const found = this.records.find(is);
      if (found !== undefined) return found;
      const signal = timeLimit(20_000);
      await new Promise<void>((resolve, reject) => {
        this.#waiting.add(resolve);
        signal.addEventListener('abort', () => {
          reject(new Error(`${what} was not heard, but ${this.heard().join(', ')}`));
        });
      });
    }
  }

  /** Of QMP: commands, and events. */
  heard(): string[] {
    return this.records.flatMap((record) =>
      record.type === 'qmp' && (record.kind === 'command' || record.kind === 'event')
        ? [record.name ?? '']
        : [],
    );
  }

  async hearsMessage(name: string, after = 0): Promise<void> {
    await this.hears(
      name,
      (record) =>
        record.type === 'qmp' && record.name === name && this.records.indexOf(record) >= after,
    );
  }

  async end(): Promise<void> {
    this.#end.abort();
    await this.#work;
  }
}

describe(`listening to libvirt: ${room.name}`, () => {
  const bench = LibvirtBench.forEachTest();
  let engine: Engine;
  beforeEach(async () => {
    engine = await Engine.open(bench.host, bench.path('state'));
  });
  afterEach(async () => {
    await engine.close();
    assert.deepEqual(await ownLogs(), []);
  });

  it('hears what libvirt and QEMU say to each other of a domain that runs, and of no other', async () => {
    const [domain, other] = [await bench.domain(), await bench.domain()];
    const before = await settings();
    const listener = await Listener.to(engine, domain);
    await virsh('suspend', other.name);
    await virsh('suspend', domain.name);
    await listener.hearsMessage('STOP');
    await virsh('resume', domain.name);
    await listener.hearsMessage('RESUME');
    await listener.end();
    const { records } = listener;
    const [header] = records;
    assert.ok(header?.type === 'header');
    assert.deepEqual([header.domain, header.uuid], [domain.name, await domain.uuid()]);
    // What it is asked first says which monitor is whose.
    assert.deepEqual(listener.heard(), ['query-iothreads', 'stop', 'STOP', 'cont', 'RESUME']);
    const answered = records.flatMap((record) =>
      record.type === 'qmp' && record.kind === 'reply' ? [record.name] : [],
    );
    assert.deepEqual(answered, ['query-iothreads', 'stop', 'cont']);
    const states = records.flatMap((record) => (record.type === 'run-state' ? [record.state] : []));
    assert.deepEqual(states, ['running', 'paused', 'running']);
    const verdict = records.at(-1);
    assert.ok(verdict?.type === 'verdict' && verdict.outcome === 'listened');
    assert.deepEqual(readTrace(await readFile(listener.path, 'utf8'), 'trace'), records);
    assert.deepEqual(await settings(), before);
  });

  it('hears a domain start, and end', async () => {
    const domain = await bench.define();
    const listener = await Listener.to(engine, domain);
    await virsh('start', domain.name);
    await listener.hearsMessage('RESUME');
    const { pid } = await domain.process();
    await virsh('destroy', domain.name);
    await listener.hears(
      'its end',
      (record) => record.type === 'process' && record.edge === 'exit',
    );
    await listener.end();
    const { records } = listener;
    const processes = records.flatMap((record) =>
      record.type === 'process' ? [[record.edge, record.pid]] : [],
    );
    assert.deepEqual(processes, [
      ['start', pid],
      ['exit', pid],
    ]);
    assert.equal(listener.heard()[0], 'qmp_capabilities');
    assert.ok(records.some((record) => record.type === 'qmp' && record.kind === 'greeting'));
  });

  for (const [outputs, filters] of [
    [ownConfiguration, '1:util.object 3:*conf* 4:qemu'],
    [`2:file:/var/log/libvirt/other.log ${ownConfiguration} 3:stderr`, ''],
    [ownConfiguration, '1:qemu.qemu_monitor 1:qemu.qemu_domain 2:x'],
  ] as const) {
    it(`puts back what was logged before: ${outputs}, ${filters}`, async () => {
      const domain = await bench.domain();
      const before = await setSettings(outputs, filters);
      try {
        const listener = await Listener.to(engine, domain);
        const now = await settings();
        assert.ok(now.outputs.startsWith(`${before.outputs} 1:file:/var/log/libvirt/sidestep-`));
        assert.ok(now.filters.endsWith(before.filters));
        assert.notEqual(now.filters, before.filters);
        await listener.end();
        assert.deepEqual(await settings(), before);
      } finally {
        await setSettings(ownConfiguration, '');
      }
    });
  }

  for (const first of [0, 1]) {
    it(`may be done by two at once, of which the ${first === 0 ? 'first' : 'last'} ends first`, async () => {
      const domain = await bench.domain();
      const before = await settings();
      const other = await Engine.open(bench.host, bench.path('state'));
      try {
        const listeners = [await Listener.to(engine, domain), await Listener.to(other, domain)];
        assert.equal((await ownLogs()).length, 2);
        await listeners[first]?.end();
        assert.notDeepEqual(await settings(), before);
        const left = listeners[1 - first];
        const heard = left?.records.length;
        await virsh('suspend', domain.name);
        await left?.hearsMessage('STOP', heard);
        await left?.end();
        assert.deepEqual(await settings(), before);
      } finally {
        await other.close();
      }
    });
  }

  it('leaves what others have set meanwhile', async () => {
    const domain = await bench.domain();
    const listener = await Listener.to(engine, domain);
    const { outputs } = await settings();
    const added = '3:file:/var/log/libvirt/other.log';
    try {
      await virtAdmin('daemon-log-outputs', `${outputs} ${added}`);
      await listener.end();
      assert.deepEqual(await settings(), { outputs: `${ownConfiguration} ${added}`, filters: '' });
    } finally {
      await setSettings(ownConfiguration, '');
    }
  });

  it('begins a new log when the old one is large, and loses nothing', async () => {
    const domain = await bench.domain();
    const listener = await Listener.to(engine, domain, { largestLog: 20_000 });
    const [first] = await ownLogs();
    const rounds = 12;
    for (let round = 0; round < rounds; round++) {
      await virsh('domstats', '--block', domain.name);
    }
    await virsh('suspend', domain.name);
    await listener.hearsMessage('STOP');
    assert.ok(!(await ownLogs()).includes(first ?? ''));
    await listener.end();
    const asked = listener.heard().filter((name) => name === 'query-named-block-nodes');
    assert.equal(asked.length, rounds);
  });

  describe('when the daemon is started anew', () => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      it(`after ${signal}, goes on with the same instance`, async () => {
        const domain = await bench.domain();
        const before = await settings();
        const listener = await Listener.to(engine, domain);
        await restartLibvirtd(bench.host, signal);
        await listener.hears('silence', (record) => record.type === 'warning');
        const heard = listener.records.length;
        await listener.hearsMessage('query-iothreads', heard);
        await virsh('suspend', domain.name);
        await listener.hearsMessage('STOP', heard);
        await listener.end();
        assert.deepEqual(await settings(), before);
        const instances = new Set(listener.records.flatMap(({ instance }) => instance ?? []));
        assert.deepEqual([...instances], [1]);
      });
    }
  });

  describe('by a client that was killed', () => {
    /** A client of its own, killed while it listens. */
    async function listenAndDie(domain: LibvirtDomain): Promise<void> {
      const child = spawn(
        process.execPath,
        [
          ...['--import', 'tsx', '--import', './test/support/python-text.mjs', 'src/cli/main.ts'],
          ...['--state-dir', bench.path('state'), 'listen', domain.name],
        ],
        { stdio: ['ignore', 'ignore', 'pipe'] },
      );
      await once(child.stderr, 'data');
      child.kill('SIGKILL');
      await once(child, 'exit');
    }

    it('is put back by whoever connects next', async () => {
      const domain = await bench.domain();
      const before = await setSettings(ownConfiguration, '3:util.object');
      try {
        await listenAndDie(domain);
        assert.notDeepEqual(await settings(), before);
        assert.equal((await ownLogs()).length, 1);
        await engine.recoverAll();
        assert.deepEqual(await settings(), before);
        assert.deepEqual(await ownLogs(), []);
        assert.deepEqual(await readdir(bench.path('state', 'listening')), []);
      } finally {
        await setSettings(ownConfiguration, '');
      }
    });

    it('is put back by whoever listens next', async () => {
      const domain = await bench.domain();
      const before = await settings();
      await listenAndDie(domain);
      const listener = await Listener.to(engine, domain);
      assert.equal((await ownLogs()).length, 1);
      await listener.end();
      assert.deepEqual(await settings(), before);
    });

    it('is nothing to put back once the daemon was started anew', async () => {
      const domain = await bench.domain();
      await listenAndDie(domain);
      await restartLibvirtd(bench.host);
      const own = await setSettings(ownConfiguration, '3:conf');
      try {
        await engine.recoverAll();
        assert.deepEqual(await settings(), own);
        assert.deepEqual(await ownLogs(), []);
      } finally {
        await setSettings(ownConfiguration, '');
      }
    });
  });

  it('asks virtqemud where libvirt is modular', async () => {
    // The one daemon that there is, under the other name.
    const links = [
      ['libvirt-sock', 'virtqemud-sock'],
      ['libvirt-admin-sock', 'virtqemud-admin-sock'],
    ] as const;
    const { pid } = await libvirtd(bench.host);
    const domain = await bench.domain();
    const made: string[] = ['/run/virtqemud.pid'];
    await symlink('/run/libvirtd.pid', '/run/virtqemud.pid');
    try {
      for (const [socket, link] of links) {
        await symlink(`/run/libvirt/${socket}`, `/run/libvirt/${link}`);
        made.push(`/run/libvirt/${link}`);
      }
      const listener = await Listener.to(engine, domain);
      const note = await readFile(bench.path('state', 'listening', 'system.json'), 'utf8');
      assert.match(note, new RegExp(`"pid": ${pid}\\b`));
      await virsh('suspend', domain.name);
      await listener.hearsMessage('STOP');
      await listener.end();
    } finally {
      for (const path of made) await rm(path);
    }
  });
});
