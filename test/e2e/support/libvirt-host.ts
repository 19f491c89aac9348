/** A machine with a libvirt, which is a room of test/libvirt: VS Code's own machine. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LibvirtBench } from '../../libvirt/support/bench';
import type { LibvirtDomain } from '../../libvirt/support/domain';
import { qemu100, qemu72 } from '../../libvirt/support/room';

export class LibvirtHost {
  readonly #bench = new LibvirtBench();
  /** The newer QEMU is found there. */
  readonly programs = dirname(qemu100);

  private constructor(readonly home: string) {}

  static async start(): Promise<LibvirtHost> {
    const host = new LibvirtHost(await mkdtemp(join(tmpdir(), 'sidestep-e2e-home-')));
    await mkdir(join(host.home, '.ssh'));
    await host.#bench.open();
    return host;
  }

  get stateFolder(): string {
    return this.#bench.path('state');
  }

  /** A Linux guest on QEMU 7.2, with all that a domain usually has. */
  startLinux(name: string): Promise<LibvirtDomain> {
    return this.#bench.domain({
      ...{ name, guest: 'linux', emulator: qemu72, ram: 'file', memoryMiB: 256 },
      ...{ nvram: true, vnc: true, channel: true, network: 'bridge' },
    });
  }

  async stop(): Promise<void> {
    await this.#bench.close();
    await rm(this.home, { recursive: true });
  }
}
