/** A libvirt of an ordinary user's own (`qemu:///session`), that user's commands, and a domain. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chown, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../../../scripts/setup/cache.mjs';
import { walkerImage } from '../../support/guests';
import { LibvirtBench, libvirtUser } from './bench';
import { domainXml, type DomainOptions } from './definition';
import { LibvirtDomain, type Libvirt } from './domain';

export class UserLibvirt implements Libvirt {
  /** Its folder holds all of the user's. */
  readonly bench: LibvirtBench;

  private constructor() {
    // Before the bench looks whether anything is left.
    afterEach(() => this.#close());
    this.bench = LibvirtBench.forEachTest();
    before(() => promisify(execFile)(process.execPath, [join(repository, 'scripts/build.mjs')]));
    beforeEach(() => this.#open());
  }

  static forEachTest(): UserLibvirt {
    return new UserLibvirt();
  }

  /** A command line as the user, in an environment of the user's. */
  asUser(...argv: readonly string[]): string[] {
    const { bench } = this;
    return [
      ...['--reuid', String(libvirtUser), '--regid', String(libvirtUser), '--clear-groups'],
      ...['env', '-i', `PATH=${process.env['PATH'] ?? ''}`],
      ...[`HOME=${bench.path('home')}`, `XDG_RUNTIME_DIR=${bench.path('run')}`, ...argv],
    ];
  }

  async run(...argv: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('setpriv', this.asUser(...argv));
    return stdout.trim();
  }

  readonly virsh = (...args: readonly string[]): Promise<string> =>
    this.run('virsh', '-q', '-c', 'qemu:///session', ...args);

  /** The words that run Sidestep's command line. */
  sidestep(...args: readonly string[]): string[] {
    return [process.execPath, this.bench.path('cli.js'), ...args];
  }

  get runFolder(): string {
    return this.bench.path('run/libvirt/qemu/run');
  }

  /** Starts one, which is persistent, and waits until its guest prints. */
  async domain(options: DomainOptions): Promise<LibvirtDomain> {
    const { name = 'mine', serials = ['file'] } = options;
    const folder = this.bench.path('domain');
    await this.#makeFolder('domain');
    await copyFile(walkerImage, join(folder, 'disk.img'));
    await chown(join(folder, 'disk.img'), libvirtUser, libvirtUser);
    const definition = domainXml({ ...options, name }, { folder, bridge: '', tcpPorts: [] });
    await writeFile(join(folder, 'domain.xml'), definition);
    const ports = { serials, tcpPorts: [] };
    const domain = new LibvirtDomain(this.bench.host, name, folder, ports, this);
    await this.virsh('define', join(folder, 'domain.xml'));
    await this.virsh('start', name);
    if (domain.printsToFile) await domain.goesOn();
    return domain;
  }

  /** What Sidestep knows of the user's domains, by the names of its files, and what it has made of theirs. */
  async leftovers(): Promise<string[]> {
    const folders = ['domains', 'instances', 'claims', 'guests'].map((name) =>
      this.bench.path('run/sidestep', name),
    );
    const known = await Promise.all(folders.map((path) => readdir(path).catch(() => [])));
    const home = await readdir(this.bench.path('home'), { recursive: true });
    return [...known.flat(), ...home.filter((path) => /\/sidestep-[^/]*$/.test(path))];
  }

  async #open(): Promise<void> {
    for (const name of ['home', 'run']) await this.#makeFolder(name);
    // Where the user may read it.
    await copyFile(join(repository, 'dist/cli.js'), this.bench.path('cli.js'));
    await this.run('virtlogd', '--daemon');
    await this.run('libvirtd', '--daemon');
  }

  async #close(): Promise<void> {
    for (const name of (await this.virsh('list', '--name')).split('\n')) {
      if (name !== '') await this.virsh('destroy', name);
    }
    await this.#end('libvirtd');
    await this.#end('virtlogd');
  }

  async #makeFolder(name: string): Promise<void> {
    await mkdir(this.bench.path(name));
    await chown(this.bench.path(name), libvirtUser, libvirtUser);
  }

  async #end(daemon: 'libvirtd' | 'virtlogd'): Promise<void> {
    const { host } = this.bench;
    const pid = Number(await readFile(this.bench.path('run/libvirt', `${daemon}.pid`), 'utf8'));
    const [facts] = await host.inspect([pid]);
    assert.ok(facts !== undefined);
    await host.signal(facts, 'SIGTERM');
    await host.waitForExit(facts);
  }
}
