/** The demo's VM: its folder, its addresses, and how nothing of it is left behind. */
import { randomUUID } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linuxImages } from '../setup/cache.mjs';
import { run } from '../setup/run.mjs';

/** Where VNC's displays begin. */
const vncBase = 5900;

/** Where `sidestep start` puts guest RAM: a folder of ours alone. */
const ramFolder = `/dev/shm/sidestep-${process.getuid?.()}`;

/** Makes the VM's folder and finds it free ports. */
export async function prepareVm() {
  const vncPort = await freePort(vncBase + 17);
  const forwardedPort = await freePort(18022);
  return new Vm(mkdtempSync(join(tmpdir(), 'sidestep-demo-')), vncPort, forwardedPort);
}

export class Vm {
  name = 'demo';
  uuid = randomUUID();
  #ramFolderWasThere = existsSync(ramFolder);

  constructor(
    /** @type {string} */ folder,
    /** @type {number} */ vncPort,
    /** @type {number} */ forwardedPort,
  ) {
    this.folder = folder;
    this.vncPort = vncPort;
    this.forwardedPort = forwardedPort;
    this.stateFolder = join(folder, 'state');
    this.qmp = join(folder, 'qmp.sock');
    this.serial = join(folder, 'serial.sock');
    this.serialLog = join(folder, 'serial.log');
    this.disk = join(folder, 'disk.qcow2');
    copyFileSync(linuxImages.disk, this.disk);
  }

  /** The arguments for QEMU, as anyone would write them. */
  get arguments() {
    return [
      ...['-machine', 'q35', '-m', '256', '-uuid', this.uuid],
      ...['-kernel', linuxImages.kernel, '-initrd', linuxImages.initrd],
      ...['-append', 'console=ttyS0 quiet panic=1'],
      ...['-drive', `file=${this.disk},format=qcow2,if=virtio`],
      ...['-vnc', `127.0.0.1:${this.vncPort - vncBase}`],
      ...[
        '-chardev',
        `socket,id=com1,path=${this.serial},server=on,wait=off,logfile=${this.serialLog}`,
      ],
      ...['-serial', 'chardev:com1'],
      ...['-netdev', `user,id=lan,hostfwd=tcp:127.0.0.1:${this.forwardedPort}-:80`],
      // The guest boots from its kernel, not from the network.
      ...['-device', 'virtio-net-pci,netdev=lan,romfile='],
      ...['-qmp', `unix:${this.qmp},server=on,wait=off`],
    ];
  }

  /** What the guest wrote on its serial console, from the first QEMU to the last. */
  readSerialLog() {
    return readFileSync(this.serialLog, 'utf8');
  }

  /** What the guest, which has ended, has written to the file `ticks` on its disk. */
  readTicksOnDisk() {
    const raw = join(this.folder, 'disk.raw');
    run('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', this.disk, raw]);
    // It was not unmounted: e2fsck replays its journal, and says so with status 1.
    const script = 'e2fsck -p "$0" > /dev/null 2>&1; debugfs -R "cat /ticks" "$0" 2> /dev/null';
    return run('sh', ['-c', script, raw]);
  }

  /** Pids of QEMUs that have paths in the VM's folder on their command line. */
  processes() {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        const words = commandLine(pid);
        return words.includes('qemu') && words.includes(`${this.folder}/`) && pid !== process.pid;
      });
  }

  /** Files of guest RAM. */
  ramFiles() {
    if (!existsSync(ramFolder)) return [];
    return readdirSync(ramFolder)
      .filter((name) => name.startsWith(this.uuid))
      .map((name) => join(ramFolder, name));
  }

  /** Whatever is left of it goes: also what a command that was cut off could not clean up. */
  remove() {
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL');
    for (const path of this.ramFiles()) rmSync(path, { force: true });
    rmSync(this.folder, { recursive: true, force: true });
    if (this.#ramFolderWasThere) return;
    try {
      rmdirSync(ramFolder);
    } catch {
      // Not there, or another VM's RAM lies in it.
    }
  }
}

function commandLine(/** @type {number} */ pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

/** The first free port of 127.0.0.1 from `port` on. */
async function freePort(/** @type {number} */ port) {
  while (!(await isFree(port))) port++;
  return port;
}

/** @returns {Promise<boolean>} */
function isFree(/** @type {number} */ port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)));
  });
}
