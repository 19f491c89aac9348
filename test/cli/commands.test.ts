import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { qemu100, qemu72 } from '../support/emulators';
import { walkerImage } from '../support/guests';
import { CliBench, ended, parseAs } from './bench';
import {
  BundleDocument,
  EmulatorsDocument,
  EndDocument,
  ListDocument,
  MigrateDocument,
  PathsDocument,
  PauseDocument,
  PlanDocument,
  RecoverDocument,
  StartDocument,
  TraceDocument,
} from './schemas';

/** A name with all that a shell, a terminal or a path might act on. */
const hostileName = 'a b"\';$(touch x)/../\u202eüñ日';

/** Empty of a process that has ended, also as long as nobody has waited for it. */
function commandLineOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

describe('sidestep', () => {
  const bench = CliBench.forEachTest();
  /** Without those of a libvirt that the machine may have. */
  const list = async () => {
    const { domains } = await bench.document(ListDocument, ['list']);
    return { domains: domains.filter(({ libvirt }) => libvirt === null) };
  };

  it('starts a domain, lists it and ends it, whatever its name', async () => {
    const drive = `file=${bench.path('w.img')},format=raw,if=virtio`;
    await copyFile(walkerImage, bench.path('w.img'));
    const started = await bench.document(StartDocument, [
      ...['start', hostileName, '--emulator', qemu72, '--ram', 'memfd', '--'],
      ...['-M', 'q35', '-m', '64', '-display', 'none', '-nodefaults', '-drive', drive],
    ]);
    assert.equal(started.domain, hostileName);
    assert.equal(started.instance.id, 1);
    assert.match(started.remark, /memfd/);

    const { domains } = await list();
    assert.deepEqual(domains, [
      {
        name: hostileName,
        uuid: started.uuid,
        state: 'running',
        libvirt: null,
        migration: null,
        instances: [
          {
            ...started.instance,
            table: 'source',
            alive: true,
            uptimeUs: domains[0]?.instances[0]?.uptimeUs,
          },
        ],
      },
    ]);
    const { stdout } = await bench.run(['list']);
    assert.match(stdout, /^Id {2}Name .*State {4}QEMU/);
    assert.match(stdout, /\n 1 {2}a b"';\$\(touch x\)\/\.\.\/\\u\{202e\}üñ日 {2}running {2}7\.2\./);

    const end = await bench.document(EndDocument, ['destroy', hostileName]);
    assert.deepEqual(end, { domain: hostileName, uuid: started.uuid, ended: 'destroyed' });
    assert.deepEqual(await list(), { domains: [] });
    assert.equal(await commandLineOf(started.instance.pid), '');
    assert.deepEqual((await readdir(bench.folder)).sort(), ['state', 'w.img']);
  });

  it('shows what an instance holds on the host', async () => {
    await bench.start('web', ['-serial', 'unix:ser.sock,server=on,wait=off']);
    const { instances } = await bench.document(PathsDocument, ['paths', 'web']);
    const [instance] = instances;
    assert.equal(instance?.folder, bench.path('state/instances/1'));
    assert.equal(instance.monitor, bench.path('state/instances/1/qmp.sock'));
    const held = instance.resources.map(({ kind, address, action }) => [kind, address, action]);
    assert.deepEqual(held.slice(0, 2), [
      ['disk', bench.path('walker.img'), 'share'],
      ['chardev', bench.path('ser.sock'), 'take-back'],
    ]);
    const { stdout } = await bench.run(['paths', 'web']);
    assert.match(stdout, /^Instance 1 \(source table\), its own folder /);
    assert.ok(stdout.includes(bench.path('ser.sock')));
  });

  it('plans a migration and changes nothing', async () => {
    await bench.start('web', ['-serial', 'unix:ser.sock,server=on,wait=off']);
    const before = await list();
    const plan = await bench.document(PlanDocument, ['plan', 'web', '--emulator', qemu100]);
    assert.equal(plan.mode, 'ignore-shared');
    assert.deepEqual(plan.blockers, []);
    assert.ok(plan.arguments.target.includes('-incoming'));
    const text = await bench.run(['plan', 'web', '--mode', 'precopy']);
    assert.equal(text.status, 0);
    assert.match(text.stdout, /^Mode: precopy\n/);
    assert.deepEqual(
      (await list()).domains.map(({ instances }) => instances[0]?.id),
      before.domains.map(({ instances }) => instances[0]?.id),
    );
  });

  it('plans for a command line in a file, without a process', async () => {
    await writeFile(
      bench.path('vm.sh'),
      `#!/bin/sh\nLC_ALL=C exec ${qemu72} -M q35 \\\n  -m 64 -monitor 'unix:h mon.sock,server,nowait'\n`,
    );
    const plan = await bench.document(PlanDocument, ['plan', '--argv-file', 'vm.sh']);
    const monitor = plan.resources.find(({ kind }) => kind === 'monitor');
    assert.equal(monitor?.source, bench.path('h mon.sock'));
    assert.equal(monitor.action, 'take-back');
  });

  it('refuses a plan with blockers, by status 3 and by name', async () => {
    await writeFile(bench.path('vm.sh'), `${qemu72} -M q35 -device vfio-pci,host=00:01.0\n`);
    const words = ['plan', '--argv-file', 'vm.sh'];
    const plan = await bench.document(PlanDocument, words, 3);
    assert.equal(plan.blockers.length, 1);
    assert.match((await bench.run(words)).stdout, /\nBlockers\n {2}[A-Z_]+: .*vfio-pci/);
  });

  it('migrates, and prints the trace it has written', async () => {
    await bench.start('web', ['-serial', 'unix:ser.sock,server=on,wait=off']);
    const moved = await bench.document(MigrateDocument, [
      ...['migrate', '--live', '--local', 'web', '--emulator', qemu100, '--trace', 'first.trace'],
    ]);
    assert.equal(moved.mode, 'ignore-shared');
    assert.deepEqual([moved.from.id, moved.to.id], [1, 2]);
    assert.match(moved.from.version, /^7\.2\./);
    assert.match(moved.to.version, /^10\.0\./);
    assert.equal(moved.trace, bench.path('first.trace'));
    assert.deepEqual(
      moved.takenBack.map(({ address, error }) => [address, error]),
      [[bench.path('ser.sock'), undefined]],
    );
    assert.ok(moved.downtimeUs !== null && moved.downtimeUs <= moved.totalUs);

    const { summary, records } = await bench.document(TraceDocument, ['trace', 'first.trace']);
    assert.deepEqual(summary.phases, moved.phases);
    assert.equal(summary.outcome, 'moved');
    assert.equal(summary.downtimeUs, moved.downtimeUs);
    assert.deepEqual([records[0]?.type, records.at(-1)?.type], ['header', 'verdict']);
    const table = await bench.run(['trace', 'first.trace']);
    assert.match(table.stdout, /^ {4}Time\/ms {2}Phase {4}Inst {2}What happened\n/);
    assert.match(table.stdout, /\bperform {5}1 {2}-> command migrate \{/);
    assert.match(table.stdout, /\nmoved, downtime .*, .* in all\n$/);

    const again = await bench.run(['migrate', '--live', '--local', 'web']);
    assert.equal(again.status, 0, again.stderr);
    assert.equal(again.stderr, '');
    assert.match(again.stdout, /^Domain "web" has moved from instance 2 \(QEMU 10\.0\./);
    assert.match(again.stdout, /\nignore-shared, downtime .*s, .*s in all\n/);
    assert.match(again.stdout, /\nTaken back\n {2}.*ser\.sock\n/);
    const [, trace = ''] = /\nTo read it: sidestep trace (.*)\n/.exec(again.stdout) ?? [];
    assert.equal((await bench.run(['trace', trace])).status, 0);
    assert.equal((await list()).domains[0]?.instances[0]?.id, 3);
  });

  it('packs a trace into one file, and not over another', async () => {
    await bench.start('web');
    await bench.error(['migrate', '--live', '--local', 'web', '--emulator', '/bin/true'], 3);
    const [name = ''] = await readdir(bench.path('state/traces'));
    const words = ['bundle', `state/traces/${name}`, '--output', 'b.tar.gz'];
    const { bundle, bytes } = await bench.document(BundleDocument, words);
    assert.equal(bundle, bench.path('b.tar.gz'));
    assert.equal((await stat(bundle)).size, bytes);
    assert.equal((await bench.error(words, 1)).code, 'BUNDLE_NOT_WRITTEN');
    assert.equal((await bench.error(['bundle', 'none'], 3)).code, 'TRACE_MISSING');
    const named = await bench.run(['bundle', `state/traces/${name}`]);
    assert.match(named.stdout, /\/sidestep-\d+T\d+Z-web-1\.tar\.gz\n$/);
  });

  it('cancels a migration by Ctrl-C, and follows its trace to the verdict', async () => {
    await bench.startBusy();
    const words = ['migrate', '--live', '--local', 'busy', '--mode', 'precopy', '--json'];
    const migration = bench.spawn([...words, '--trace', 't.trace']);
    const migrated = ended(migration);
    const follower = bench.spawn(['trace', '--follow', 't.trace']);
    const followed = ended(follower);
    let isTold = false;
    follower.stdout?.on('data', (data: Buffer) => {
      // Once: at its end a command takes a signal as any other program does.
      isTold ||= data.toString().includes('RAM: ') && migration.kill('SIGINT');
    });

    const { status, stdout, stderr } = await migrated;
    assert.equal(status, 1, stderr);
    assert.match(stderr, /^Cancelling; the guest runs on\./);
    const { error } = JSON.parse(stdout) as { error: { code: string; outcome: string } };
    assert.equal(error.code, 'CANCELLED');
    assert.equal(error.outcome, 'stayed');
    const trace = await followed;
    assert.equal(trace.status, 0, trace.stderr);
    assert.match(trace.stdout, /verdict: stayed: The migration was cancelled\. \[CANCELLED\]/);
    const { domains } = await list();
    assert.deepEqual(
      domains.map(({ state, instances }) => [state, instances.map(({ id }) => id)]),
      [['running', [1]]],
    );
  });

  it('goes on where a client was killed, and cancels what QEMU is still at', async () => {
    await bench.startBusy();
    const trace = bench.path('state/traces/t.sidestep-trace');
    const words = ['migrate', '--live', '--local', 'busy', '--mode', 'precopy', '--trace', trace];
    const migration = bench.spawn(words);
    const killed = ended(migration);
    const follower = bench.spawn(['trace', '--follow', trace]);
    const followed = ended(follower);
    follower.stdout?.on('data', (data: Buffer) => {
      if (data.toString().includes('RAM: ')) migration.kill('SIGKILL');
    });
    await killed;
    await bench.holdBack();
    // It is left to QEMU, and what is asked for is done.
    assert.equal((await list()).domains[0]?.state, 'migrating');
    assert.equal((await bench.error(['pause', 'busy'], 4)).code, 'RECOVERY_NEEDED');

    const recovery = bench.spawn(['recover', '--json']);
    follower.stdout?.on('data', (data: Buffer) => {
      if (data.toString().includes('RECOVERED')) recovery.kill('SIGINT');
    });
    const { status, stdout, stderr } = await ended(recovery);
    assert.equal(status, 0, stderr);
    const { recovered: all } = parseAs(RecoverDocument, stdout);
    assert.deepEqual(
      all.map(({ domain, outcome }) => [domain, outcome]),
      [['busy', 'stayed']],
    );
    assert.match((await followed).stdout, /verdict: stayed/);
    const { domains } = await list();
    assert.deepEqual(
      domains.map(({ state, instances }) => [state, instances.map(({ id }) => id)]),
      [['running', [1]]],
    );
    assert.deepEqual(await bench.document(RecoverDocument, ['recover']), { recovered: [] });
  });

  it('gives up at the timeout, and the guest runs on', async () => {
    await bench.start('web');
    const words = ['migrate', '--live', '--local', 'web', '--timeout', '0.001'];
    const error = await bench.error(words, 3);
    assert.equal(error.code, 'TIMEOUT');
    assert.equal((await list()).domains[0]?.state, 'running');
  });

  it('adopts a QEMU that was started by hand, by pid and by socket', async () => {
    const qemu = spawn(
      qemu72,
      ['-M', 'q35', '-display', 'none', '-nodefaults', '-qmp', 'unix:q.sock,server=on,wait=off'],
      { cwd: bench.folder, stdio: 'ignore' },
    );
    const exited = once(qemu, 'exit');
    try {
      const socket = bench.path('q.sock');
      while (!(await stat(socket).catch(() => undefined))) await new Promise(setImmediate);
      const adopted = await bench.document(StartDocument, ['adopt', 'q.sock', '--name', 'mine']);
      assert.equal(adopted.domain, 'mine');
      assert.equal(adopted.instance.pid, qemu.pid);
      assert.equal(adopted.instance.monitor, socket);
      const twice = await bench.error(['adopt', String(qemu.pid)], 3);
      assert.equal(twice.code, 'ALREADY_A_DOMAIN');
      await bench.run(['destroy', 'mine']);
      await exited;
    } finally {
      qemu.kill('SIGKILL');
    }
  });

  it('asks where a daemon with relative paths was started', async () => {
    const qemu = spawn(
      qemu72,
      [
        ...['-M', 'q35', '-display', 'none', '-nodefaults', '-daemonize', '-pidfile', 'q.pid'],
        ...['-qmp', 'unix:q.sock,server=on,wait=off'],
      ],
      { cwd: bench.folder, stdio: 'ignore' },
    );
    assert.deepEqual(await once(qemu, 'exit'), [0, null]);
    const pid = (await readFile(bench.path('q.pid'), 'utf8')).trim();
    try {
      assert.equal((await bench.error(['adopt', pid], 3)).code, 'RELATIVE_PATHS');
      const adopted = await bench.document(StartDocument, ['adopt', pid, '--cwd', '.']);
      assert.equal(adopted.instance.monitor, bench.path('q.sock'));
    } finally {
      process.kill(Number(pid), 'SIGKILL');
    }
  });

  it('pauses a guest, and lets it go on', async () => {
    await bench.start('web');
    for (const [command, state] of [
      ['pause', 'paused'],
      ['resume', 'running'],
    ] as const) {
      const { domain, ...done } = await bench.document(PauseDocument, [command, 'web']);
      assert.deepEqual([domain, done.state], ['web', state]);
      assert.equal((await list()).domains[0]?.state, state);
    }
    assert.equal((await bench.error(['pause', 'nobody'], 3)).code, 'NO_SUCH_DOMAIN');
  });

  it('says when a guest does not shut down, which then runs on', async () => {
    await bench.start('deaf');
    const error = await bench.error(['stop', 'deaf', '--timeout', '0.2'], 1);
    assert.equal(error.code, 'STILL_RUNNING');
    assert.equal((await list()).domains[0]?.state, 'running');
  });

  it('removes a domain whose process has ended', async () => {
    await bench.start('web');
    const [pid] = (await list()).domains.flatMap(({ instances }) => instances[0]?.pid ?? []);
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGKILL');
    while ((await commandLineOf(pid)) !== '') await new Promise(setImmediate);
    assert.equal((await list()).domains[0]?.state, 'gone');
    const { ended } = await bench.document(EndDocument, ['stop', 'web']);
    assert.equal(ended, 'stopped');
    assert.deepEqual(await list(), { domains: [] });
  });

  it('shows what emulators can do, and asks again when told to', async () => {
    const words = ['emulators', qemu72, qemu100];
    const { emulators } = await bench.document(EmulatorsDocument, words);
    const abilities = emulators.map((each) =>
      'error' in each ? each : [each.path, each.ignoreShared, each.cprTransfer, each.auxRamShare],
    );
    assert.deepEqual(abilities, [
      [qemu72, true, false, false],
      [qemu100, true, true, true],
    ]);
    const remembered = bench.path('state/emulators');
    const [file = ''] = await readdir(remembered);
    await writeFile(`${remembered}/${file}`, 'damaged');
    await writeFile(`${remembered}/stray`, '');
    assert.equal((await bench.run([...words, '--refresh'])).status, 0);
    assert.equal((await readdir(remembered)).includes('stray'), false);
    assert.notEqual(await readFile(`${remembered}/${file}`, 'utf8'), 'damaged');
  });

  it('finds the emulators on the PATH, and says which of those named is none', async () => {
    const { emulators } = await bench.document(EmulatorsDocument, ['emulators']);
    assert.ok(emulators.some(({ path }) => path === qemu72));
    const words = ['emulators', qemu72, '/bin/true', './nothing'];
    const named = await bench.document(EmulatorsDocument, words, 3);
    assert.deepEqual(
      named.emulators.map((each) => ('error' in each ? [each.path, each.error.code] : each.path)),
      [qemu72, ['/bin/true', 'EMULATOR_FAILS'], [bench.path('nothing'), 'EMULATOR_MISSING']],
    );
  });

  it('does not mind a reader that goes away', async () => {
    await bench.start('web');
    const moved = await bench.run(['migrate', '--live', '--local', 'web', '--trace', 't']);
    assert.equal(moved.status, 0, moved.stderr);
    const child = bench.spawn(['trace', 't']);
    child.stdout?.destroy();
    let stderr = '';
    child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
    const [status] = (await once(child, 'close')) as [number | null];
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  });

  it('tells START_FAILED with what QEMU said, and leaves nothing behind', async () => {
    const error = await bench.error(['start', 'bad', '--', '-M', 'q35', '-device', 'nonsense'], 1);
    assert.equal(error.code, 'START_FAILED');
    assert.match(error.output ?? '', /nonsense/);
    assert.deepEqual(await list(), { domains: [] });
  });
});
