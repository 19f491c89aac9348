/** What a user is told of domains and hosts, beyond the overview. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { groupOf } from '../../src/engine/inventory/holding-groups';
import { traceFileName, traceNamed } from '../../src/engine/inventory/traces';
import { countingHost } from '../support/counting-host';
import { Engine } from '../../src/engine/engine';
import { qemu100, qemu72 } from '../support/emulators';
import { sidestepError } from '../support/errors';
import { walkerImage } from '../support/guests';
import { freePort } from '../support/net';
import { EngineBench } from '../support/workbench';

describe('What the instances of a domain hold', () => {
  const bench = EngineBench.forEachTest();

  it('is told with what a migration does about each, for a tree to group', async () => {
    const port = await freePort();
    const walker = await bench.walker({
      arguments: [
        ...['-qmp', `unix:${bench.path('user.sock')},server=on,wait=off`],
        ...['-netdev', `user,id=net0,hostfwd=tcp:127.0.0.1:${port}-:22`],
      ],
    });
    const { instances } = await bench.engine.holdings(walker.name);
    const [held, ...others] = instances;
    assert.ok(held !== undefined);
    assert.deepEqual(others, []);
    const folder = bench.engine.state.instanceFolder(1);
    assert.equal(held.console, `${folder}/console.sock`);
    assert.equal(held.output, `${folder}/qemu.out`);
    const found = held.resources.map((each) => [
      groupOf(each),
      each.option,
      each.address,
      each.action,
    ]);
    const [image] = walker.domain.definition.flatMap(
      (word) => /^file=([^,]*)/.exec(word)?.[1] ?? [],
    );
    for (const expected of [
      ['monitors', '-qmp', bench.path('user.sock'), 'take-back'],
      ['chardevs', '-serial', walker.serialPath, 'share'],
      ['network', '-netdev', `tcp:127.0.0.1:${port}-:22`, 'take-back'],
      ['disks', '-drive', image, 'share'],
      ['ram', '-object', walker.domain.ownedPaths[0], 'share'],
    ]) {
      const isThere = found.some((each) => expected.every((word, index) => each[index] === word));
      assert.ok(isThere, `${expected.join(' ')} in ${JSON.stringify(found)}`);
    }
    const monitor = held.resources.find(({ option }) => option === '-qmp');
    assert.ok(monitor !== undefined);
    assert.equal(monitor.target, bench.path('.sidestep-2-user.sock'));
    assert.notEqual(monitor.reason, '');
  });

  it('is told of both sides while it is migrated, each with its own addresses', async () => {
    const own = bench.path('user.sock');
    const walker = await bench.walker({ arguments: ['-qmp', `unix:${own},server=on,wait=off`] });
    let seen: Awaited<ReturnType<Engine['holdings']>> | undefined;
    await walker.migrate({
      emulator: qemu100,
      options: {
        beforeStep: async (_, step) => {
          if (step === 'migrate') seen = await bench.engine.holdings(walker.name);
        },
      },
    });
    const told = seen?.instances.map(({ id, role, resources }) => [
      ...[id, role],
      resources.find(({ kind }) => kind === 'monitor')?.address,
    ]);
    assert.deepEqual(told, [
      [1, 'source', own],
      [2, 'target', bench.path('.sidestep-2-user.sock')],
    ]);
  });

  it('costs few round trips', async () => {
    const walker = await bench.walker();
    const { host, calls } = countingHost(bench.host);
    const engine = await Engine.open(host, bench.stateFolder);
    await engine.holdings(walker.name);
    calls();
    await engine.holdings(walker.name);
    assert.ok(calls().length <= 3);
    await assert.rejects(engine.holdings('nobody'), sidestepError('NO_SUCH_DOMAIN'));
  });
});

describe('The status of an instance', () => {
  const bench = EngineBench.forEachTest();

  it('is a text of what QEMU says', async () => {
    const walker = await bench.walker({ emulator: qemu100, arguments: ['-vnc', 'none'] });
    const text = await bench.engine.instanceStatus(walker.name);
    for (const line of [
      /^domain: walker-1$/m,
      new RegExp(`^uuid: ${walker.uuid}$`, 'm'),
      /^process: pid \d+, state \w, user id \d+$/m,
      /^up for: \d+ s$/m,
      /^query-status\n(?: {2}.*\n)* {2}status: running$/m,
      /^query-version\n {2}qemu:\n(?: {4}.*\n)* {4}major: 10$/m,
      /^query-block\n {2}- device: virtio0\n {4}file: .*walker-1\.img\n {4}format: raw\n {4}access: read-write$/m,
      /^query-cpus-fast\n {2}- CPU 0: thread \d+$/m,
      /^query-migrate\n {2}\(nothing\)$/m,
    ]) {
      assert.match(text, line);
    }
  });

  it('is told while a console is open, and of one that has ended', async () => {
    const walker = await bench.walker();
    const console = await bench.engine.openConsole(walker.name);
    assert.match(await bench.engine.instanceStatus(walker.name), /status: running/);
    console.dispose();
    await bench.kill(walker.first.process);
    const text = await bench.engine.instanceStatus(walker.name);
    assert.match(text, /^process: has ended$/m);
    assert.doesNotMatch(text, /query-/);
  });

  it('comes with its command line, one option a line and without secrets', async () => {
    const secret = ['-object', 'secret,id=s,data=tell-nobody'];
    const walker = await bench.walker({ emulator: qemu100, arguments: secret });
    const lines = (await bench.engine.commandLine(walker.name)).split('\n');
    assert.equal(lines[0], `${qemu100} \\`);
    assert.ok(lines.includes('  -nodefaults \\'), lines.join('\n'));
    assert.ok(
      lines.some((line) => line.startsWith('  -object') && line.includes('hidden')),
      lines.join('\n'),
    );
    assert.doesNotMatch(lines.join('\n'), /tell-nobody/);
  });
});

describe('The traces of a host', () => {
  const bench = EngineBench.forEachTest();

  it('are listed, the newest first, and removed one by one', async () => {
    const { state } = bench.engine;
    const path = (at: string, name: string) =>
      state.tracePath(traceFileName(Date.parse(at) * 1000, name, 7));
    const [old, young] = [path('2026-01-02T03:04:05Z', 'a-b'), path('2026-02-02T03:04:05Z', 'é/x')];
    for (const each of [old, young]) await writeFile(each, '12345');
    await writeFile(state.tracePath('notes.txt'), 'mine');
    const listed = await bench.engine.traces();
    assert.deepEqual(listed, [
      {
        path: young,
        domain: '_x',
        source: 7,
        at: Date.parse('2026-02-02T03:04:05Z') * 1000,
        size: 5,
      },
      {
        path: old,
        domain: 'a-b',
        source: 7,
        at: Date.parse('2026-01-02T03:04:05Z') * 1000,
        size: 5,
      },
    ]);
    await bench.engine.removeTrace(young);
    assert.deepEqual(
      (await bench.engine.traces()).map((trace) => trace.path),
      [old],
    );
    for (const foreign of [bench.path('elsewhere.sidestep-trace'), state.tracePath('notes.txt')]) {
      await assert.rejects(bench.engine.removeTrace(foreign), sidestepError('NOT_A_TRACE'));
    }
  });

  it('have names that tell what they are of', () => {
    assert.equal(traceNamed('/t/readme.sidestep-trace'), undefined);
    const name = traceFileName(1_700_000_000_000_000, '../../etc/passwd', 3);
    assert.equal(name, '20231114T221320Z-.._.._etc_passwd-3.sidestep-trace');
    assert.equal(traceNamed(`/t/${name}`)?.source, 3);
  });

  it('are kept while a migration writes them', async () => {
    const walker = await bench.walker();
    let refusal: unknown;
    let path = '';
    await walker.migrate({
      emulator: qemu72,
      options: {
        onTrace: (opened) => (path = opened.path),
        beforeStep: async (_, step) => {
          if (step !== 'migrate') return;
          refusal = await bench.engine.removeTrace(path).catch((thrown: unknown) => thrown);
        },
      },
    });
    assert.ok(sidestepError('TRACE_IN_USE')(refusal));
    await bench.engine.removeTrace(path);
  });
});

describe('The QEMUs that run on a host and are no domains', () => {
  const bench = EngineBench.forEachTest();

  it('are found, with their names and monitors', async () => {
    const walker = await bench.walker();
    // First, so that it is surely QEMU's process, no longer ours, when we look.
    const image = ['-drive', `file=${walkerImage},format=raw,if=virtio,readonly=on`];
    const mute = await bench.start([
      qemu72,
      '-display',
      'none',
      '-S',
      '-monitor',
      'none',
      ...image,
    ]);
    const socket = bench.path('by-hand.sock');
    const byHand = await bench.start([
      ...[qemu100, '-name', 'guest=by hand,debug-threads=on', '-nodefaults', '-display', 'none'],
      ...['-S', '-machine', 'q35', '-qmp', `unix:${socket},server=on,wait=off`],
    ]);
    (await bench.host.connect({ unix: socket }, { waitFor: byHand })).destroy();
    const { host, calls } = countingHost(bench.host);
    const engine = await Engine.open(host, bench.stateFolder);
    calls();
    const found = await engine.runningQemus();
    assert.deepEqual(calls(), ['files', 'files', 'inspect']);
    const told = (pid: number) => {
      const qemu = found.find((each) => each.pid === pid);
      return qemu && { name: qemu.name, emulator: qemu.emulator, monitors: qemu.monitors };
    };
    assert.equal(told(walker.first.process.pid), undefined);
    assert.deepEqual(told(byHand.pid), { name: 'by hand', emulator: qemu100, monitors: [socket] });
    assert.deepEqual(told(mute.pid), { name: undefined, emulator: qemu72, monitors: [] });
    assert.equal(told(process.pid), undefined);
  });
});

describe('The emulators of a host', () => {
  const bench = EngineBench.forEachTest();

  it('are those on its PATH and those that domains run on, each with what it can do', async () => {
    await bench.walker({ emulator: qemu100 });
    const found = await bench.engine.emulatorsFound();
    const versionOf = (path: string) => found.find((each) => each.path === path)?.emulator?.version;
    assert.match(versionOf(qemu72) ?? '', /^7\.2/);
    assert.match(versionOf(qemu100) ?? '', /^10\.0/);
  });

  it('are told with the reason where they cannot be asked', async () => {
    const broken = bench.path('qemu-system-broken');
    await writeFile(broken, '#!/bin/sh\necho no >&2; exit 3\n', { mode: 0o755 });
    const [good, bad, none] = await bench.engine.emulators.describeEach([qemu72, broken, '/gone']);
    assert.equal(good?.emulator?.path, qemu72);
    assert.equal(bad?.error?.code, 'EMULATOR_FAILS');
    assert.equal(none?.error?.code, 'EMULATOR_MISSING');
  });
});
