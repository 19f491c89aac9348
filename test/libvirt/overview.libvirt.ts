/** libvirt's domains as the engine sees them, on a real libvirt. */
import assert from 'node:assert/strict';
import { chmod, copyFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Engine } from '../../src/engine/engine';
import type { LibvirtDomainOverview } from '../../src/engine/inventory/libvirt-overview';
import { listingCommand, parseListing } from '../../src/libvirt/inventory/listing';
import { virshEnvironment } from '../../src/libvirt/virsh';
import { countingHost } from '../support/counting-host';
import { LibvirtBench } from './support/bench';
import { endLibvirtd, startLibvirtd } from './support/daemon';
import { qemu100, qemu72, room } from './support/room';
import { command, virsh } from './support/virsh';

describe(`libvirt's domains in the overview: ${room.name}`, () => {
  const bench = LibvirtBench.forEachTest();
  let engine: Engine;
  beforeEach(async () => {
    engine = await Engine.open(bench.host, bench.path('state'));
  });
  afterEach(() => engine.close());

  const read = async (): Promise<readonly LibvirtDomainOverview[]> => {
    const [connection, ...others] = await engine.libvirt.overview();
    assert.deepEqual(others, []);
    assert.ok(connection !== undefined, 'there is no libvirt');
    assert.equal(connection.error, undefined);
    assert.equal(connection.uri, 'qemu:///system');
    return connection.domains;
  };
  const find = async (uuid: string): Promise<LibvirtDomainOverview> => {
    const found = (await read()).find((domain) => domain.uuid === uuid);
    assert.ok(found !== undefined, `${uuid} is not listed`);
    return found;
  };

  it('tells what libvirt and the process say of each', async () => {
    const running = await bench.domain({ name: `it's "1" & <ü>`, autostart: true });
    const transient = await bench.domain({ transient: true });
    const off = await bench.define();
    await virsh('suspend', transient.name);
    const { pid } = await running.process();

    const seen = await find(await running.uuid());
    assert.equal(seen.name, running.name);
    assert.equal(String(seen.id), await virsh('domid', running.name));
    assert.deepEqual([seen.state, seen.reason], ['running', 'booted']);
    assert.deepEqual([seen.persistent, seen.autostart, seen.managedSave], [true, true, false]);
    assert.equal(seen.instance?.process.pid, pid);
    const { path, version, installed } = seen.instance.emulator;
    assert.equal(path, qemu72);
    assert.match(version?.version ?? '', /^7\.2\./);
    assert.equal(installed, undefined);

    const paused = await find(await transient.uuid());
    assert.deepEqual([paused.state, paused.reason], ['paused', 'user']);
    assert.equal(paused.persistent, false);
    assert.equal(paused.instance?.process.pid, (await transient.process()).pid);

    assert.deepEqual(await engine.runningQemus(), [], 'nobody else is to adopt what is libvirt’s');

    const { state, id, instance } = await find(await off.uuid());
    assert.deepEqual([state, id, instance], ['shut off', undefined, undefined]);
  });

  it('tells the QEMU that runs from the one that is installed in its place', async () => {
    // Where it finds its modules.
    const path = `${room.native}-upgraded`;
    await copyFile(room.native, path);
    after(() => rm(path));
    const domain = await bench.domain({ emulator: path });
    const uuid = await domain.uuid();
    const before = await find(uuid);
    assert.equal(before.instance?.emulator.installed, undefined);

    // As a package manager does.
    const other = room.native === qemu72 ? qemu100 : qemu72;
    await writeFile(`${path}.new`, `#!/bin/sh\nexec ${other} "$@"\n`);
    await chmod(`${path}.new`, 0o755);
    await rename(`${path}.new`, path);
    const { instance } = await find(uuid);
    assert.equal(instance?.emulator.path, path);
    assert.equal(instance.emulator.version?.version, before.instance?.emulator.version?.version);
    const asked = await command(other, ['--version']);
    const { installed } = instance.emulator;
    assert.ok(asked.includes(`version ${installed?.version ?? ''} (${installed?.package ?? ''})`));
  });

  it('takes three round trips, however many domains there are', async () => {
    await bench.domain();
    await bench.domain();
    const { host, calls } = countingHost(bench.host);
    const counted = await Engine.open(host, bench.path('counted'));
    await counted.libvirt.overview();
    calls();
    await counted.libvirt.overview();
    assert.deepEqual(calls(), ['run', 'inspect', 'files']);
    await counted.close();
  });

  it('lists a thousand domains at once', async () => {
    const xml = await (await bench.define()).xml();
    const names = Array.from({ length: 1_000 }, (_, index) => `many ${index}`);
    const paths = await Promise.all(
      names.map(async (name, index) => {
        const path = bench.path(`many-${index}.xml`);
        const named = xml.replace(/<name>.*<\/name>/, `<name>${name}</name>`);
        await writeFile(path, named.replace(/<uuid>.*<\/uuid>/, ''));
        return path;
      }),
    );
    await virsh(paths.map((path) => `define ${path}`).join('; '));
    try {
      const before = performance.now();
      const domains = await read();
      // It takes a tenth of a second, where nothing else runs.
      assert.ok(performance.now() - before < 5_000, `${performance.now() - before} ms`);
      assert.equal(domains.length, 1_001);
      assert.ok(domains.every(({ state }) => state === 'shut off'));
    } finally {
      await virsh(names.map((name) => `undefine '${name}'`).join('; '));
    }
  });

  it('says that a libvirt does not answer, and lists it when it does', async () => {
    await bench.define();
    await endLibvirtd(bench.host, 'SIGKILL');
    try {
      const [connection] = await engine.libvirt.overview();
      // It has left its socket.
      assert.equal(connection?.error?.code, 'LIBVIRT_UNREACHABLE');
    } finally {
      await startLibvirtd();
    }
    assert.equal((await read()).length, 1);
  });

  it('has no libvirt where there is no socket, and starts none', async () => {
    await endLibvirtd(bench.host, 'SIGTERM');
    try {
      assert.deepEqual(await engine.libvirt.overview(), []);
    } finally {
      await startLibvirtd();
    }
  });

  it('finds the socket of a modular daemon as well', async () => {
    const uuid = await (await bench.define()).uuid();
    // A socket is reached by the name that its file has now.
    const folder = '/run/libvirt';
    await rename(`${folder}/libvirt-sock`, `${folder}/virtqemud-sock`);
    try {
      assert.equal((await find(uuid)).state, 'shut off');
    } finally {
      await rename(`${folder}/virtqemud-sock`, `${folder}/libvirt-sock`);
    }
  });

  it('lists the session of a user, once that user has started one', async () => {
    // nobody: libvirt looks its users up.
    const user = 65_534;
    const home = bench.path('home');
    await command('install', ['-d', '-o', String(user), home, `${home}/run`]);
    const asUser = ['setpriv', `--reuid=${user}`, '--regid=nogroup', '--clear-groups'];
    const environment = ['env', `HOME=${home}`, `XDG_RUNTIME_DIR=${home}/run`];
    const run = (argv: readonly string[]) =>
      bench.host.run([...asUser, ...environment, ...argv], { env: virshEnvironment });
    const look = async () => {
      const { status, stdout, stderr } = await run(listingCommand('qemu:///session'));
      const output = { status, stdout: stdout.toString(), stderr: stderr.toString() };
      return parseListing('qemu:///session', output);
    };
    assert.equal(await look(), undefined);
    await run(['libvirtd', '--daemon']);
    const listing = await look();
    assert.deepEqual(listing && 'domains' in listing && listing.domains, []);
    const pid = Number(await readFile(`${home}/run/libvirt/libvirtd.pid`, 'utf8'));
    const [daemon] = await bench.host.inspect([pid]);
    assert.ok(daemon !== undefined);
    await bench.host.signal(daemon, 'SIGTERM');
    await bench.host.waitForExit(daemon);
  });
});
