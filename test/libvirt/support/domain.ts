/** A domain of the room's libvirt, or of a user's own in it. */
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { ReadStream } from 'node:tty';
import type { Host } from '../../../src/host/host';
import type { ProcessFacts } from '../../../src/host/process';
import { checkWalkerMemory, walkerRamMiB } from '../../support/guests';
import { checkSteps } from '../../support/invariant';
import { connectTo } from '../../support/net';
import { serialFile, type SerialKind } from './definition';
import { virsh } from './virsh';

interface Serials {
  readonly serials: readonly SerialKind[];
  readonly tcpPorts: readonly number[];
}

/** Whose domain it is. */
export interface Libvirt {
  readonly virsh: (...args: readonly string[]) => Promise<string>;
  /** Where it keeps its QEMUs' pid files. */
  readonly runFolder: string;
}

const system: Libvirt = { virsh, runFolder: '/run/libvirt/qemu' };

export class LibvirtDomain {
  constructor(
    private readonly host: Host,
    readonly name: string,
    readonly folder: string,
    private readonly ports: Serials,
    private readonly libvirt: Libvirt = system,
  ) {}

  get printsToFile(): boolean {
    return this.ports.serials[0] === 'file';
  }

  async uuid(): Promise<string> {
    return this.libvirt.virsh('domuuid', this.name);
  }

  /** `running`, `paused`, `shut off`. */
  async state(): Promise<string> {
    return this.libvirt.virsh('domstate', this.name);
  }

  /** A libvirt that has come back takes a moment to see that a QEMU is gone. */
  async isShutOff(): Promise<void> {
    const deadline = Date.now() + 10_000;
    for (let state = ''; state !== 'shut off'; state = await this.state()) {
      assert.ok(Date.now() < deadline, `${this.name} is still ${state}`);
    }
  }

  async xml(
    ...flags: readonly ('--inactive' | '--security-info' | '--migratable')[]
  ): Promise<string> {
    return this.libvirt.virsh('dumpxml', this.name, ...flags);
  }

  /** The QEMU that libvirt has for it. */
  async process(): Promise<ProcessFacts> {
    const pid = Number(
      await readFile(join(this.libvirt.runFolder, pidFileName(this.name)), 'utf8'),
    );
    const [facts] = await this.host.inspect([pid]);
    assert.ok(facts !== undefined, `${this.name} has no process`);
    return facts;
  }

  /** A QMP command by way of libvirt. */
  async qmp(execute: string, args?: object): Promise<unknown> {
    const reply: unknown = JSON.parse(
      await this.libvirt.virsh(
        'qemu-monitor-command',
        this.name,
        JSON.stringify({ execute, arguments: args }),
      ),
    );
    assert.ok(
      typeof reply === 'object' && reply !== null && 'return' in reply,
      JSON.stringify(reply),
    );
    return reply.return;
  }

  /** The serial port's file or socket. */
  serialPath(port = 0): string {
    return join(this.folder, serialFile(port));
  }

  /** The other end of a serial port on a pty or a socket. */
  async openSerial(port = 0): Promise<Socket> {
    switch (this.ports.serials[port]) {
      case 'pty': {
        // virsh has a word only for the first port's.
        assert.equal(port, 0);
        return new ReadStream(openSync(await this.libvirt.virsh('ttyconsole', this.name), 'r'));
      }
      case 'unix':
        return connectTo({ path: this.serialPath(port) });
      case 'tcp':
        return connectTo({ host: '127.0.0.1', port: this.ports.tcpPorts[port] ?? 0 });
      default:
        throw new Error(`serial port ${port} has no other end`);
    }
  }

  /** Somebody listens where its serial ports on sockets are. */
  async hasSockets(): Promise<void> {
    for (const [port, kind] of this.ports.serials.entries()) {
      if (kind === 'unix' || kind === 'tcp') (await this.openSerial(port)).destroy();
    }
  }

  /** What the guest has printed, where its first serial port is a file. */
  async output(): Promise<string> {
    return readFile(this.serialPath(), 'latin1');
  }

  /**
   * The guest, a walker, has left out no step and taken none twice. What libvirt's QEMU prints is written
   * by virtlogd, which may do so after the first lines of the next QEMU.
   */
  async checkSteps(): Promise<void> {
    const lines = (await this.output()).split('\n');
    const unfinished = lines.pop() ?? '';
    checkSteps([...lines.sort(), unfinished].join('\n'));
  }

  /** Resolves once the guest has printed more than it had when this was called, to its file. */
  async goesOn(): Promise<void> {
    const before = await this.output().catch(() => '');
    await this.prints(/\n[^\n]*\n/, before.length);
  }

  /** Resolves with the match once the guest has printed it to its file. */
  async prints(pattern: RegExp, offset = 0): Promise<RegExpExecArray> {
    return new Promise((resolve) => {
      let printed = '';
      const watch = this.host.watchGrowth(this.serialPath(), offset, (data) => {
        printed += data.toString('latin1');
        const match = pattern.exec(printed);
        if (match === null) return;
        watch.dispose();
        resolve(match);
      });
    });
  }

  /** Stops a walker and checks that each page of its RAM is as it left it. */
  async checkMemory(): Promise<void> {
    const dump = join(this.folder, 'memory.dump');
    await this.libvirt.virsh('suspend', this.name);
    await this.qmp('pmemsave', { val: 0, size: walkerRamMiB * 1024 ** 2, filename: dump });
    await this.libvirt.virsh('resume', this.name);
    checkWalkerMemory(await readFile(dump));
    await rm(dump);
  }

  /** One that has just ended by itself is no failure. */
  async destroy(): Promise<void> {
    await this.libvirt.virsh('destroy', this.name).catch((error: unknown) => {
      if (!/domain is not running/.test(String(error))) throw error;
    });
  }

  /** Ends it if it runs, and has libvirt forget it if it still knows it. */
  async remove(): Promise<void> {
    const isListed = async (...which: string[]) =>
      (await this.libvirt.virsh('list', '--name', ...which)).split('\n').includes(this.name);
    if (await isListed()) await this.destroy();
    if (await isListed('--all'))
      await this.libvirt.virsh('undefine', this.name, '--nvram', '--managed-save');
  }
}

/** libvirt escapes it as it does a text in XML, which it does with no other file's name. */
function pidFileName(name: string): string {
  const entities = { '&': 'amp', '<': 'lt', '>': 'gt', "'": 'apos', '"': 'quot' };
  const escaped = name.replace(/[&<>'"]/g, (c) => `&${entities[c as keyof typeof entities]};`);
  return `${escaped}.pid`;
}
