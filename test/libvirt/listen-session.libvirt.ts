/** Listening to a libvirt of an ordinary user's own, by that user. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { repository } from '../../scripts/setup/cache.mjs';
import { readTrace } from '../../src/engine/trace/file';
import { walkerImage } from '../support/guests';
import { LibvirtBench, libvirtUser } from './support/bench';
import { domainXml } from './support/definition';
import { room } from './support/room';

const Reported = v.object({ trace: v.string() });

describe(`listening to a user's own libvirt: ${room.name}`, () => {
  const bench = LibvirtBench.forEachTest();

  before(async () => {
    await promisify(execFile)(process.execPath, [join(repository, 'scripts/build.mjs')]);
  });

  /** A command line as the user, in an environment of the user's. */
  const asUser = (...argv: readonly string[]) => [
    ...['--reuid', String(libvirtUser), '--regid', String(libvirtUser), '--clear-groups'],
    ...['env', '-i', `PATH=${process.env['PATH'] ?? ''}`],
    ...[`HOME=${bench.path('home')}`, `XDG_RUNTIME_DIR=${bench.path('run')}`, ...argv],
  ];
  const run = async (...argv: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('setpriv', asUser(...argv));
    return stdout.trim();
  };
  const virsh = (...args: readonly string[]) =>
    run('virsh', '-q', '-c', 'qemu:///session', ...args);
  const settings = async () =>
    Promise.all(
      ['outputs', 'filters'].map((what) =>
        run('virt-admin', '-c', 'libvirtd:///session', `daemon-log-${what}`),
      ),
    );

  /** Ends a daemon of the user's. */
  async function end(daemon: 'libvirtd' | 'virtlogd'): Promise<void> {
    const pid = Number(await readFile(bench.path('run', 'libvirt', `${daemon}.pid`), 'utf8'));
    const [facts] = await bench.host.inspect([pid]);
    assert.ok(facts !== undefined);
    await bench.host.signal(facts, 'SIGTERM');
    await bench.host.waitForExit(facts);
  }

  it('hears its domain, and leaves its log as it was', async () => {
    for (const name of ['home', 'run', 'domain']) {
      await mkdir(bench.path(name));
      await chown(bench.path(name), libvirtUser, libvirtUser);
    }
    const folder = bench.path('domain');
    await copyFile(walkerImage, join(folder, 'disk.img'));
    await chown(join(folder, 'disk.img'), libvirtUser, libvirtUser);
    await writeFile(
      join(folder, 'domain.xml'),
      domainXml({ name: 'mine', serials: [] }, { folder, bridge: '', tcpPorts: [] }),
    );
    // Where the user may read it.
    await copyFile(join(repository, 'dist/cli.js'), bench.path('cli.js'));
    await run('virtlogd', '--daemon');
    await run('libvirtd', '--daemon');
    try {
      await virsh('create', join(folder, 'domain.xml'));
      const before = await settings();
      const listener = spawn(
        'setpriv',
        asUser(process.execPath, bench.path('cli.js'), ...['listen', 'mine', '--json']),
      );
      const stdout = text(listener.stdout);
      await once(listener.stderr, 'data');
      assert.notDeepEqual(await settings(), before);
      await virsh('suspend', 'mine');
      listener.kill('SIGINT');
      await once(listener, 'exit');
      assert.deepEqual(await settings(), before);
      const { trace } = v.parse(Reported, JSON.parse(await stdout));
      const heard = readTrace(await readFile(trace, 'utf8'), trace).flatMap((record) =>
        record.type === 'qmp' && record.kind === 'event' ? [record.name] : [],
      );
      assert.deepEqual(heard, ['STOP']);
      await virsh('destroy', 'mine');
    } finally {
      await end('libvirtd');
      await end('virtlogd');
    }
  });
});
