import assert from 'node:assert/strict';
import { access, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Engine } from '../../src/engine/engine';
import { openLocalHost } from '../../src/host/local';
import { qemu100, qemu72 } from '../support/emulators';
import { sidestepError } from '../support/errors';
import { EngineBench } from '../support/workbench';

describe('a domain is started', () => {
  const bench = EngineBench.forEachTest();

  it('with its RAM in a file that only its user can read', async () => {
    const walker = await bench.walker({ ram: 'file' });
    const [path, ...others] = walker.domain.ownedPaths;
    assert.ok(path !== undefined);
    assert.deepEqual(others, []);
    assert.equal((await stat(dirname(path))).mode & 0o777, 0o700);
    const maps = await readFile(`/proc/${walker.first.process.pid}/maps`, 'utf8');
    assert.ok(maps.includes(path));
    await bench.engine.destroy(walker.name);
    await assert.rejects(access(path), { code: 'ENOENT' });
  });

  it('with its RAM in a memfd', async () => {
    const walker = await bench.walker({ ram: 'memfd' });
    assert.deepEqual(walker.domain.ownedPaths, []);
    assert.match(walker.domain.definition.join(' '), /memory-backend-memfd,id=pc\.ram.*share=on/);
  });

  it('with its RAM as its command line has it', async () => {
    const walker = await bench.walker({ ram: 'as-is' });
    assert.deepEqual(walker.domain.ownedPaths, []);
    assert.doesNotMatch(walker.domain.definition.join(' '), /memory-backend/);
  });

  it('with aux-ram-share where the emulator has it', async () => {
    for (const [emulator, has] of [
      [qemu72, false],
      [qemu100, true],
    ] as const) {
      const { domain } = await bench.walker({ emulator });
      assert.equal(/aux-ram-share=on/.test(domain.definition.join(' ')), has);
    }
  });

  it('with its RAM in a memfd if there is no room for a file, and says so', async () => {
    const request = {
      ...{ name: 'large', emulator: qemu72, cwd: '/' },
      arguments: ['-m', '4T', '-display', 'none', '-nodefaults'],
    };
    await assert.rejects(
      bench.engine.start({ ...request, ram: 'file' }),
      sidestepError('NO_ROOM_FOR_RAM', /4398046511104 bytes/),
    );
    assert.deepEqual((await bench.engine.overview()).domains, []);
  });

  it('and left alone by whoever has come by the pid of one that is recorded', async () => {
    const walker = await bench.walker();
    const { first } = walker;
    await bench.kill(first.process);
    const stranger = await bench.start(['sleep', '60']);
    const { startTime, argv } = first.process;
    const recycled = { ...first, process: { pid: stranger.pid, startTime, argv: [...argv] } };
    await bench.host.files([bench.engine.state.writeInstance(recycled)]);
    const [listed] = (await bench.engine.overview()).domains;
    assert.equal(listed?.state, 'gone');
    const { error, outcome } = await walker.attempt();
    assert.equal(error?.code, 'SOURCE_UNREACHABLE');
    assert.equal(outcome, 'lost');
    await bench.engine.destroy(walker.name);
    assert.equal(await bench.isAlive(stranger), true);
  });

  it('and left alone if it executes another program than the one that is recorded', async () => {
    const walker = await bench.walker();
    const { first } = walker;
    const { startTime, pid, argv } = first.process;
    const recorded = (words: readonly string[]) =>
      bench.engine.state.writeInstance({ ...first, process: { pid, startTime, argv: [...words] } });
    await bench.host.files([recorded(['/usr/bin/something', '-else'])]);
    // Another client: for the one that started it, it is a child of its own.
    const host = openLocalHost();
    const engine = await Engine.open(host, bench.stateFolder);
    await assert.rejects(engine.destroy(walker.name), sidestepError('PROCESS_CHANGED'));
    await host.dispose();
    assert.equal(await bench.isAlive(first.process), true);
    await bench.host.files([recorded(argv)]);
  });
});

describe('a state folder without room', () => {
  let mounted: string | undefined;
  // Before the bench's own, which removes the folder that the mount is in.
  afterEach(async () => {
    if (mounted === undefined) return;
    for (const { domain } of (await bench.engine.overview()).domains)
      await bench.engine.destroy(domain.uuid);
    await bench.openState(bench.path('state-2'));
    // Lazily: the host keeps its lock as a client there until it is disposed.
    const { status, stderr } = await bench.host.run(['umount', '--lazy', mounted]);
    assert.equal(status, 0, stderr.toString());
    mounted = undefined;
  });
  const bench = EngineBench.forEachTest();

  /** Root is who the tests run as; a full disk of one's own needs a mount. */
  async function mountSmall(): Promise<string> {
    const path = bench.path('small');
    await bench.host.files([{ op: 'mkdir', path }]);
    const mount = ['mount', '-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', path];
    const { status, stderr } = await bench.host.run(mount);
    assert.equal(status, 0, stderr.toString());
    mounted = path;
    return path;
  }
  const fill = (path: string) =>
    writeFile(`${path}/filler`, Buffer.alloc(2 ** 21)).catch((error: unknown) => {
      assert.match(String(error), /ENOSPC/);
    });

  it('keeps the guest at the source, with that reason', async () => {
    const small = await mountSmall();
    await bench.openState(`${small}/state`);
    const walker = await bench.walker();
    await fill(small);
    const { outcome, error } = await walker.migrate({ emulator: qemu100 });
    assert.equal(outcome, 'refused');
    assert.equal(error?.code, 'STATE_FULL');
    assert.ok(error.message.includes(small), error.message);
  });

  it('that fills up in the middle keeps the guest at the source as well', async () => {
    const small = await mountSmall();
    await bench.openState(`${small}/state`);
    const walker = await bench.walker();
    const { outcome, error } = await walker.migrate({
      emulator: qemu100,
      options: {
        beforeStep: async (_, step) => {
          if (step === 'start-target') await fill(small);
        },
      },
    });
    assert.match(outcome, /^(stayed|refused)$/);
    assert.equal(error?.code, 'STATE_FULL');
  });

  it('starts no domain, with that reason', async () => {
    const small = await mountSmall();
    await bench.openState(`${small}/state`);
    await fill(small);
    await assert.rejects(bench.walker(), sidestepError('STATE_FULL', new RegExp(small)));
  });
});
