import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { qemu100, qemu72 } from '../support/emulators';
import {
  checkWalkerMemory,
  diskTemplate,
  linuxAppend,
  linuxInitrd,
  linuxKernel,
  walkerImage,
  walkerRamMiB,
  walkerSteps,
  writeWalkerImage,
} from '../support/guests';

describe('the test guests', () => {
  let folder: string;
  let guest: Guest | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sidestep-guests-'));
  });
  afterEach(async () => {
    await guest?.kill();
    guest = undefined;
    await rm(folder, { recursive: true });
  });

  for (const [emulator, machine] of [
    [qemu72, 'q35'],
    [qemu72, 'pc'],
    [qemu100, 'q35'],
    [qemu100, 'pc-q35-7.2'],
  ] as const) {
    it(`the walker walks on ${emulator}, ${machine}`, async () => {
      guest = new Guest(emulator, ['-machine', machine, ...walkerArguments(walkerImage)]);
      await guest.prints('00000004\n');
      assert.deepEqual(walkerSteps(guest.output).slice(0, 5), [0, 1, 2, 3, 4]);
    });
  }

  it('a page lost from RAM is found by the walker, and by the check of a dump', async () => {
    const image = join(folder, 'walker.img');
    const ram = join(folder, 'ram');
    const lostPage = 0x0123_4000;
    await writeWalkerImage(image, { stepsPerSecond: 1000 });
    guest = new Guest(qemu72, [
      ...['-machine', 'q35,memory-backend=ram', ...walkerArguments(image)],
      ...['-object', `memory-backend-file,id=ram,size=${walkerRamMiB}M,mem-path=${ram},share=on`],
    ]);
    await guest.prints('00000060\n');
    walkerSteps(guest.output);

    guest.signal('SIGSTOP');
    const dump = await readFile(ram);
    checkWalkerMemory(dump);
    dump.fill(0, lostPage, lostPage + 4096);
    assert.throws(() => {
      checkWalkerMemory(dump);
    }, /page 0x1234000 /);

    const file = await open(ram, 'r+');
    await file.write(Buffer.alloc(4096), 0, 4096, lostPage);
    await file.close();
    guest.signal('SIGCONT');
    await guest.prints('E01234000\n');
    const { output } = guest;
    assert.throws(() => walkerSteps(output), /wrong page at 0x01234000/);
  });

  for (const emulator of [qemu72, qemu100]) {
    it(`the Linux guest on ${emulator} counts, finds its disk and answers on its port`, async () => {
      const port = await freePort();
      const disk = join(folder, 'disk.qcow2');
      await copyFile(diskTemplate, disk);
      guest = new Guest(emulator, [
        ...['-machine', 'q35', '-m', '256'],
        ...['-kernel', linuxKernel, '-initrd', linuxInitrd, '-append', linuxAppend],
        ...['-drive', `file=${disk},if=virtio,format=qcow2`],
        ...['-netdev', `user,id=net,hostfwd=tcp:127.0.0.1:${port}-:80`],
        ...['-device', 'virtio-net-pci,netdev=net'],
      ]);
      // It is served after it is printed.
      await guest.prints('tick 2 ');
      assert.match(guest.output, /^disk \/dev\/vda\r?\n/m);
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      assert.match(await answer.text(), /^tick \d+ uptime [\d.]+\n$/);
    });
  }
});

function walkerArguments(image: string): string[] {
  const drive = `file=${image},format=raw,if=virtio,readonly=on`;
  return ['-m', String(walkerRamMiB), '-drive', drive];
}

/** A QEMU, and what its guest has printed on the serial port so far. */
class Guest {
  output = '';
  readonly #qemu;
  readonly #ended: Promise<unknown>;

  constructor(emulator: string, args: readonly string[]) {
    const common = ['-accel', 'tcg', '-nodefaults', '-display', 'none', '-serial', 'stdio'];
    this.#qemu = spawn(emulator, [...common, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#qemu.stdout.setEncoding('latin1').on('data', (text: string) => {
      this.output += text;
    });
    this.#ended = once(this.#qemu, 'close');
  }

  async prints(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      await Promise.race([once(this.#qemu.stdout, 'data'), this.#ended]);
      const { exitCode } = this.#qemu;
      assert.equal(exitCode, null, `QEMU ended, its guest had printed:\n${this.output}`);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#qemu.kill(signal);
  }

  async kill(): Promise<void> {
    this.#qemu.kill('SIGKILL');
    await this.#ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
