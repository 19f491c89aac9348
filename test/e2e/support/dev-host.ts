/**
 * A dev host as a user has it: a real sshd, with VMs of its own. It is this machine with folders of its
 * own in the place of /run, /dev/shm and /srv, so that the host's usual places can be used and nobody
 * else's VMs are there; with the last process in it, all of it is gone.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../../../scripts/setup/cache.mjs';
import { qemu100, qemu72 } from '../../support/emulators';
import {
  diskTemplate,
  linuxAppend,
  linuxInitrd,
  linuxKernel,
  writeWalkerImage,
} from '../../support/guests';
import { startSshd, type Sshd } from '../../support/sshd';

const run = promisify(execFile);

/** On the host. */
const vms = '/srv/vms';
/** Not on the file system of the state folder, as for most. */
const sockets = join(vms, 'sockets');
export const newEmulator = '/srv/qemu-10.0/bin/qemu-system-x86_64';
const unfitEmulator = '/srv/qemu-unfit';

const ownFolders = [
  'for folder in /run /dev/shm /srv; do mount -t tmpfs tmpfs "$folder"; done',
  `mkdir -p /run/sshd ${sockets} ${join(newEmulator, '..')}`,
  `ln -s '${qemu100}' ${newEmulator}`,
].join(' && ');

export class DevHost {
  /** In the SSH configuration. */
  readonly name = 'devbox';

  private constructor(
    /** The user's: SSH configuration, key and known hosts. */
    readonly home: string,
    private readonly sshd: Sshd,
  ) {}

  static async start(): Promise<DevHost> {
    const home = await mkdtemp(join(tmpdir(), 'sidestep-e2e-home-'));
    const sshd = await startSshd({
      config: [`SetEnv PATH=${join(newEmulator, '..')}:/usr/bin:/bin`],
      within: ['unshare', '--mount', 'sh', '-c', `${ownFolders} && exec "$0" "$@"`],
    });
    const host = new DevHost(home, sshd);
    await host.#writeConfiguration();
    return host;
  }

  /** For the PATH: OpenSSH looks for its configuration in the home that the system knows. */
  get programs(): string {
    return join(this.home, 'bin');
  }

  get knownHosts(): string {
    return join(this.home, '.ssh/known_hosts');
  }

  /** Of the host's key, as `ssh-keygen` prints it. */
  async fingerprint(): Promise<string> {
    const [key] = this.sshd.hostKeys;
    const { stdout } = await run('ssh-keygen', ['-lf', key?.path ?? '']);
    return /SHA256:\S+/.exec(stdout)?.[0] ?? '';
  }

  /** A Linux guest on QEMU 7.2, with a disk, VNC, a serial console and a forwarded port. */
  async startLinux(name: string, ramMiB = 256): Promise<void> {
    const disk = join(vms, `${name}.qcow2`);
    const kernel = join(vms, 'vmlinuz');
    const initrd = join(vms, 'initrd');
    await this.#inside('cp', diskTemplate, disk);
    await this.#inside('cp', linuxKernel, kernel);
    await this.#inside('cp', linuxInitrd, initrd);
    await this.#startDomain(name, [
      ...['-machine', 'q35', '-m', String(ramMiB)],
      ...['-kernel', kernel, '-initrd', initrd, '-append', linuxAppend],
      ...['-drive', `file=${disk},format=qcow2,if=virtio`],
      ...['-netdev', 'user,id=lan', '-device', 'virtio-net-pci,netdev=lan,romfile='],
      ...['-vnc', `unix:${join(sockets, `${name}.vnc`)}`],
      ...['-serial', `unix:${join(sockets, `${name}.console`)},server=on,wait=off`],
      ...['-qmp', `unix:${join(sockets, `${name}.qmp`)},server=on,wait=off`],
    ]);
  }

  /** A guest that writes to its RAM all the time, much of it: to copy that takes its time. */
  async startBusy(name: string): Promise<void> {
    await this.#startWalker(name, { ramMiB: 1536, stepsPerSecond: 1000 });
  }

  /** A guest that is there at once, and soon migrated. */
  async startSmall(name: string): Promise<void> {
    await this.#startWalker(name, { ramMiB: 16, stepsPerSecond: 19 });
  }

  /** A domain without a machine, which costs next to nothing: for its name's sake. */
  async startEmpty(name: string): Promise<void> {
    await this.#startDomain(name, ['-machine', 'none', '-nodefaults', '-display', 'none']);
  }

  /**
   * A QEMU 10.0 whose machines have more RAM than they are told to: none takes a guest of another.
   * @returns its path
   */
  async installUnfitEmulator(): Promise<string> {
    const script = `#!/bin/sh\nexec '${qemu100}' "$@" -m 2048\n`;
    await this.#inside('sh', '-c', 'printf %s "$1" > "$0" && chmod +x "$0"', unfitEmulator, script);
    return unfitEmulator;
  }

  /**
   * Whatever is sent to the target of a domain's migration, it takes no more of it.
   * @returns lets it go on, if it is still there
   */
  async holdTarget(name: string): Promise<() => void> {
    const pid = await this.#target(name);
    process.kill(pid, 'SIGSTOP');
    return () => {
      signal(pid, 'SIGCONT');
    };
  }

  /** Of the migration of a domain that is under way: it takes minutes. */
  async slowDown(name: string): Promise<void> {
    const commands = [
      { execute: 'qmp_capabilities' },
      { execute: 'migrate-set-parameters', arguments: { 'max-bandwidth': 4 * 1024 ** 2 } },
    ];
    for (const { pid, words } of await this.#qemus(name)) {
      const [console] = words.flatMap((word) => /path=([^,]*console\.sock)/.exec(word)?.[1] ?? []);
      if (words.includes('-incoming') || console === undefined) continue;
      const monitor = connect(`/proc/${pid}/root${console}`);
      monitor.write(commands.map((command) => JSON.stringify(command)).join('\n'));
      let said = '';
      for await (const data of monitor) {
        said += String(data);
        if (said.split('"return"').length > commands.length) break;
      }
      return;
    }
    throw new Error(`No source of ${name} is there`);
  }

  /** Whether the trace of a migration has these words. */
  async hasTraced(words: string): Promise<boolean> {
    const traces = await this.#inside('sh', '-c', 'cat /run/sidestep/traces/*');
    return traces.includes(words);
  }

  /** As the kernel does when there is no memory left. */
  async killTarget(name: string): Promise<void> {
    process.kill(await this.#target(name), 'SIGKILL');
  }

  async #target(name: string): Promise<number> {
    const target = (await this.#qemus(name)).find(({ words }) => words.includes('-incoming'));
    if (target === undefined) throw new Error(`No target of ${name} is there`);
    return target.pid;
  }

  async #qemus(name: string): Promise<{ pid: number; words: string[] }[]> {
    const found = [];
    for (const pid of await this.#processes()) {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      if (words.includes(`guest=${name}`)) found.push({ pid, words });
    }
    return found;
  }

  /** Ends all that runs there. */
  async stop(): Promise<void> {
    for (const pid of await this.#processes()) signal(pid, 'SIGKILL');
    await this.sshd.stop();
    await rm(this.home, { recursive: true });
  }

  async #startWalker(
    name: string,
    guest: { readonly ramMiB: number; readonly stepsPerSecond: number },
  ): Promise<void> {
    const image = join(this.home, 'walker.img');
    await writeWalkerImage(image, guest);
    const disk = join(vms, `walker-${guest.ramMiB}.img`);
    await this.#inside('cp', image, disk);
    await this.#startDomain(name, [
      ...['-machine', 'pc', '-m', String(guest.ramMiB), '-display', 'none', '-net', 'none'],
      ...['-drive', `file=${disk},format=raw,if=ide`, '-serial', 'null'],
    ]);
  }

  async #startDomain(name: string, qemuArguments: readonly string[]): Promise<void> {
    await this.#inside(
      ...[process.execPath, join(repository, 'dist/cli.js'), 'start', name],
      ...['--emulator', qemu72, '--', ...qemuArguments],
    );
  }

  /** @returns what the program prints */
  async #inside(...argv: string[]): Promise<string> {
    const words = [`--mount=/proc/${this.sshd.pid}/ns/mnt`, '--', ...argv];
    const { stdout } = await run('nsenter', words, { maxBuffer: 64 * 1024 ** 2 });
    return stdout;
  }

  async #processes(): Promise<number[]> {
    const namespaceOf = (pid: number): Promise<string | undefined> =>
      readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined);
    const own = await namespaceOf(this.sshd.pid);
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const namespaces = await Promise.all(pids.map(namespaceOf));
    return own === undefined ? [] : pids.filter((_, index) => namespaces[index] === own);
  }

  async #writeConfiguration(): Promise<void> {
    const configuration = join(this.home, '.ssh/config');
    await mkdir(join(this.home, '.ssh'), { mode: 0o700 });
    await mkdir(this.programs);
    await writeFile(
      configuration,
      [
        `Host ${this.name}`,
        '  HostName 127.0.0.1',
        `  Port ${this.sshd.port}`,
        `  User ${userInfo().username}`,
        `  IdentityFile ${this.sshd.userKey.path}`,
        '  IdentityAgent none',
        `  UserKnownHostsFile ${this.knownHosts}`,
        '  GlobalKnownHostsFile /dev/null',
        '',
      ].join('\n'),
    );
    const ssh = ['#!/bin/sh', `exec /usr/bin/ssh -F '${configuration}' "$@"`, ''].join('\n');
    await writeFile(join(this.programs, 'ssh'), ssh, { mode: 0o755 });
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
