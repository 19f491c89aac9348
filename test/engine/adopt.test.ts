import assert from 'node:assert/strict';
import { copyFile, mkdir } from 'node:fs/promises';
import type { ProcessIdentity } from '../../src/host/process';
import { qemu100, qemu72 } from '../support/emulators';
import { sidestepError } from '../support/errors';
import { walkerImage, walkerRamMiB } from '../support/guests';
import { closeServer, connectTo, firstBytes, listenOn } from '../support/net';
import { EngineBench } from '../support/workbench';

describe('a QEMU that was started by hand', () => {
  const bench = EngineBench.forEachTest();

  /** Starts a walker in `bench.folder`/own, with relative paths, and waits for its monitor. */
  async function startByHand(
    emulator: string,
    { args = ['-qmp', 'unix:user.sock,server=on,wait=off'] }: { args?: readonly string[] } = {},
  ): Promise<ProcessIdentity> {
    await mkdir(bench.path('own'));
    await copyFile(walkerImage, bench.path('own', 'disk.img'));
    const started = await bench.start(
      [
        emulator,
        ...['-machine', 'q35', '-m', String(walkerRamMiB), '-nodefaults', '-display', 'none'],
        ...['-drive', 'file=disk.img,format=raw,if=virtio', '-serial', 'file:serial.txt'],
        ...args,
      ],
      bench.path('own'),
    );
    if (args.some((each) => each.includes('user.sock'))) {
      const monitor = await bench.host.connect({ unix: socket() }, { waitFor: started });
      monitor.destroy();
    }
    return started;
  }
  const socket = () => bench.path('own', 'user.sock');
  const serial = () => bench.path('own', 'serial.txt');

  for (const [version, emulator] of [
    ['7.2', qemu72],
    ['10.0, behind a loader', qemu100],
  ] as const) {
    it(`${version}, is adopted by pid, and migrated`, async () => {
      const { pid } = await startByHand(emulator);
      const walker = await bench.adopt({ pid }, serial(), 'by hand');
      assert.equal(walker.first.emulator, emulator);
      assert.equal(walker.first.process.pid, pid);
      assert.equal((await bench.engine.findDomain('by hand')).uuid, walker.uuid);
      const { error } = await walker.migrate({ emulator: qemu100 });
      assert.equal(error, undefined);
      await walker.checkMemory();
      // Its relative socket is where it was.
      const client = await connectTo({ path: socket() });
      assert.match(await firstBytes(client, 8), /^\{"QMP"/);
      client.destroy();
      const second = await walker.migrate();
      assert.equal(second.error, undefined);
    });
  }

  it('is adopted by its QMP socket', async () => {
    const { pid } = await startByHand(qemu72);
    const walker = await bench.adopt({ socket: socket() }, serial());
    assert.equal(walker.first.process.pid, pid);
    assert.equal(walker.first.monitor, socket());
    // QEMU was given no name.
    assert.equal(walker.name, `qemu-${pid}`);
    const { outcome } = await walker.migrate({ emulator: qemu100 });
    assert.equal(outcome, 'moved');
  });

  it('has its own name and UUID as a domain, if it has them', async () => {
    const uuid = '0fc2bb2a-0b3c-4a4b-9d7e-4d2f3c1b2a19';
    const args = [
      '-name',
      "guest=it's me",
      '-uuid',
      uuid,
      '-qmp',
      'unix:user.sock,server=on,wait=off',
    ];
    const { pid } = await startByHand(qemu72, { args });
    const walker = await bench.adopt({ pid }, serial());
    assert.equal(walker.name, "it's me");
    assert.equal(walker.uuid, uuid);
    const { outcome } = await walker.migrate({ emulator: qemu100 });
    assert.equal(outcome, 'moved');
    const own = await bench.qmp(await walker.instance(), (client) => client.execute('query-uuid'));
    assert.deepEqual(own, { UUID: uuid });
  });

  it('whose monitor another client holds is refused with that reason', async () => {
    const { pid } = await startByHand(qemu72);
    const other = await connectTo({ path: socket() });
    await firstBytes(other, 8);
    await assert.rejects(bench.engine.adopt({ pid }), sidestepError('MONITOR_BUSY'));
    other.destroy();
    assert.deepEqual((await bench.engine.overview()).domains, []);
    await bench.adopt({ pid }, serial());
  });

  it('with a second monitor is adopted through that, when the first is held', async () => {
    const args = ['user.sock', 'second.sock'].flatMap((path) => [
      '-qmp',
      `unix:${path},server=on,wait=off`,
    ]);
    const { pid } = await startByHand(qemu72, { args });
    const other = await connectTo({ path: socket() });
    await firstBytes(other, 8);
    const walker = await bench.adopt({ pid }, serial());
    assert.equal(walker.first.monitor, bench.path('own', 'second.sock'));
    other.destroy();
  });

  it('without a monitor is refused', async () => {
    const { pid } = await startByHand(qemu72, { args: [] });
    await assert.rejects(bench.engine.adopt({ pid }), sidestepError('NO_MONITOR'));
  });

  it('is adopted only once', async () => {
    const { pid } = await startByHand(qemu72);
    await bench.adopt({ pid }, serial(), 'first');
    for (const request of [{ pid }, { socket: socket() }]) {
      await assert.rejects(
        bench.engine.adopt({ ...request, name: 'second' }),
        sidestepError('ALREADY_A_DOMAIN', /instance 1 already/),
      );
    }
  });

  it('and refused because of its name is as it was', async () => {
    const { pid } = await startByHand(qemu72);
    await assert.rejects(bench.engine.adopt({ pid, name: 'a\nb' }), sidestepError('BAD_NAME'));
    assert.deepEqual((await bench.engine.overview()).domains, []);
    await bench.adopt({ pid }, serial());
  });
});

describe('what is no QEMU', () => {
  const bench = EngineBench.forEachTest();

  it('is not adopted: another program', async () => {
    const { pid } = await bench.start(['sleep', '60']);
    await assert.rejects(bench.engine.adopt({ pid }), sidestepError('NOT_QEMU', /sleep/));
  });

  it('is not adopted: no process', async () => {
    await assert.rejects(
      bench.engine.adopt({ pid: 2 ** 22 + 1 }),
      sidestepError('NO_SUCH_PROCESS'),
    );
  });

  it('is not adopted: no socket', async () => {
    for (const path of ['/no/such/socket', '/etc/passwd', '/tmp']) {
      await assert.rejects(
        bench.engine.adopt({ socket: path }),
        sidestepError('NO_SUCH_SOCKET', new RegExp(path)),
      );
    }
  });

  it('is not adopted: a socket that no QEMU names', async () => {
    const path = bench.path('stranger.sock');
    const stranger = await listenOn({ path });
    await assert.rejects(bench.engine.adopt({ socket: path }), sidestepError('NO_OWNER'));
    await closeServer(stranger);
  });
});
