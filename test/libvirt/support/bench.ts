/** Domains of the room's libvirt, for the tests; afterwards nothing of them is left. */
import { chmod, chown, copyFile, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../../src/host/host';
import { openLocalHost } from '../../../src/host/local';
import { diskTemplate, linuxInitrd, linuxKernel, walkerImage } from '../../support/guests';
import { freePort } from '../../support/net';
import { addBlockDevice, removeBlockDevice } from './block-device';
import { addBridge, bridgeName, removeBridge } from './bridge';
import { writeButtonGuest } from './button-guest';
import { domainXml, files, type DomainOptions } from './definition';
import { LibvirtDomain } from './domain';
import { assertNothingLeft, listBelongings, type Belongings } from './leftovers';
import { virsh } from './virsh';

/** libvirt's QEMUs run as this user and group. */
export const libvirtUser = 64055;

const flashBytes = 256 * 1024;

/** How a domain is brought into the world. */
export interface DefineOptions extends DomainOptions {
  /** Persistent if not. */
  readonly transient?: boolean;
  readonly autostart?: boolean;
}

export class LibvirtBench {
  host!: Host;
  folder!: string;
  readonly #domains: LibvirtDomain[] = [];
  #before!: Belongings;
  readonly #blockDevices: string[] = [];
  #hasBridge = false;

  static forEachTest(): LibvirtBench {
    const bench = new LibvirtBench();
    beforeEach(() => bench.open());
    afterEach(() => bench.close());
    return bench;
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Starts a domain, and waits until its guest prints. */
  async domain(options: DefineOptions = {}): Promise<LibvirtDomain> {
    const { transient = false } = options;
    const domain = await this.#prepare(options, transient ? 'create' : 'define');
    if (!transient) await virsh('start', domain.name);
    if (domain.printsToFile) await domain.goesOn();
    return domain;
  }

  /** Defines a domain that does not run. */
  define(options: DefineOptions = {}): Promise<LibvirtDomain> {
    return this.#prepare(options, 'define');
  }

  async #prepare(options: DefineOptions, verb: 'define' | 'create'): Promise<LibvirtDomain> {
    const number = this.#domains.length + 1;
    const { name = `guest ${number}`, serials = ['file'] } = options;
    const folder = this.path(`domain-${number}`);
    await makeFiles(folder, options);
    if (options.network === 'bridge' && !this.#hasBridge) {
      await addBridge();
      this.#hasBridge = true;
    }
    const blockDevice =
      options.disk === 'block' ? await addBlockDevice(join(folder, files.disk)) : undefined;
    if (blockDevice !== undefined) this.#blockDevices.push(blockDevice);
    const tcpPorts = await Promise.all(serials.map(() => freePort()));
    const places = { folder, blockDevice, bridge: bridgeName, tcpPorts };
    await writeFile(join(folder, 'domain.xml'), domainXml({ ...options, name }, places));
    const domain = new LibvirtDomain(this.host, name, folder, { serials, tcpPorts });
    this.#domains.push(domain);
    await virsh(verb, join(folder, 'domain.xml'));
    if (options.autostart === true) await virsh('autostart', name);
    return domain;
  }

  async open(): Promise<void> {
    this.#before = await listBelongings();
    // Short, for the paths of sockets are. libvirt's user is to find its way in.
    this.folder = await mkdtemp('/tmp/slv-');
    await chmod(this.folder, 0o755);
    this.host = openLocalHost();
  }

  async close(): Promise<void> {
    for (const domain of this.#domains.splice(0)) await domain.remove();
    for (const device of this.#blockDevices.splice(0)) await removeBlockDevice(device);
    if (this.#hasBridge) await removeBridge();
    this.#hasBridge = false;
    await this.host.dispose();
    await rm(this.folder, { recursive: true });
    await assertNothingLeft(this.#before);
  }
}

/** What the definition names, for libvirt's user to read and write. */
async function makeFiles(folder: string, { guest, nvram, cdrom }: DomainOptions): Promise<void> {
  const path = (file: keyof typeof files) => join(folder, files[file]);
  await mkdir(folder);
  await chown(folder, libvirtUser, libvirtUser);
  if (guest === 'linux') {
    await copyFile(linuxKernel, path('kernel'));
    await copyFile(linuxInitrd, path('initrd'));
  }
  if (guest === 'button') await writeButtonGuest(path('disk'));
  else await copyFile(guest === 'linux' ? diskTemplate : walkerImage, path('disk'));
  if (nvram === true) await emptyFile(path('nvramTemplate'), flashBytes);
  if (cdrom === true) await emptyFile(path('cdrom'), 1024 ** 2);
}

async function emptyFile(path: string, bytes: number): Promise<void> {
  await writeFile(path, '');
  await truncate(path, bytes);
}
