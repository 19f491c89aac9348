/** A domain of the room's libvirt, which runs the walker. */
import { execFile } from 'node:child_process';
import { chmod, chown, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DomainNode } from '../../../src/views/tree/node';
import { machine } from './extension';

const run = promisify(execFile);

export async function virsh(...words: string[]): Promise<string> {
  return (await run('virsh', ['--quiet', ...words])).stdout.trim();
}

/** Whom the room's libvirt has its QEMUs run as. */
const libvirtUser = 64_055;

export class DefinedDomain {
  private constructor(
    /** Of files that the domain's QEMU finds. */
    readonly folder: string,
    /** As the tree has it. */
    readonly node: DomainNode,
  ) {}

  static async define(
    name: string,
    { emulator, elements = '' }: { readonly emulator: string; readonly elements?: string },
  ): Promise<DefinedDomain> {
    const folder = await mkdtemp('/tmp/slv-');
    const image = join(folder, 'disk.img');
    await copyFile(machine().walker, image);
    await chmod(folder, 0o755);
    await chown(image, libvirtUser, libvirtUser);
    const definition = join(folder, 'domain.xml');
    await writeFile(
      definition,
      `<domain type='qemu'><name>${name.replaceAll('<', '&lt;')}</name><memory unit='MiB'>64</memory>
      ${elements}
      <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><features><acpi/></features>
      <devices><emulator>${emulator}</emulator>
      <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${image}'/>
      <target dev='vda' bus='virtio'/></disk><memballoon model='none'/></devices></domain>`,
    );
    await virsh('define', definition);
    const uuid = await virsh('domuuid', name);
    const place = { kind: 'domain', hostId: 'local', connection: 'qemu:///system' } as const;
    return new DefinedDomain(folder, { ...place, uuid, name });
  }

  state(): Promise<string> {
    return virsh('domstate', this.node.uuid);
  }

  async remove(): Promise<void> {
    const { uuid } = this.node;
    const running = (await virsh('list', '--uuid')).split('\n');
    if (running.includes(uuid)) await virsh('destroy', uuid);
    await virsh('undefine', uuid);
    await rm(this.folder, { recursive: true });
  }
}
