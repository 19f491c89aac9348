/** The images of the test guests, as `npm run setup` builds them, and what their state must look like. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { linuxImages, walkerImages } from '../../scripts/setup/cache.mjs';

function built(path: string): string {
  assert.ok(existsSync(path), `${path} is not there: \`npm run setup\` makes it`);
  return path;
}

/**
 * A raw disk image with the boot-sector guest of test/guests/walker.asm, which walks `walkerRamMiB` of
 * RAM at 50 MiB a second: little enough for `precopy` to converge with QEMU's own defaults.
 */
export const walkerImage = built(walkerImages.disk);
export const walkerRamMiB = 64;

/** To boot with `-kernel`, `-initrd` and `-append linuxAppend`; prints `tick N uptime S` every 0.1 s. */
export const linuxKernel = built(linuxImages.kernel);
export const linuxInitrd = built(linuxImages.initrd);
export const linuxAppend = 'console=ttyS0 quiet panic=1';

/** A qcow2 image with an empty ext4, for the Linux guest's /dev/vda. To be copied, not written to. */
export const diskTemplate = built(linuxImages.disk);

const mebibyte = 1024 * 1024;
const pageSize = 4096;
const passes = pageSize;
const walkBegin = mebibyte;
const walkEnd = (ramMiB: number) => (ramMiB - 1) * mebibyte;

/** The frequency that a PC's timer divides, in Hz. */
const timerFrequency = 1_193_182;

/**
 * Writes an image of the walker for other sizes or another pace: one step is 1 MiB.
 * @param ramMiB at most 2048: what lies below 4 GiB on every machine type
 * @param stepsPerSecond 19 to 1000. From some 100 on, `precopy` with QEMU's defaults never converges.
 */
export async function writeWalkerImage(
  path: string,
  { ramMiB = walkerRamMiB, stepsPerSecond = 50 },
): Promise<void> {
  const image = await readFile(walkerImage);
  image.writeUInt32LE(walkEnd(ramMiB), 8);
  image.writeUInt16LE(Math.round(timerFrequency / stepsPerSecond), 12);
  await writeFile(path, image);
}

/**
 * The numbers of the steps in what the walker printed. Of source and target together, in this order,
 * they go on without a gap and without repetition.
 * @throws AssertionError when the walker found a page that is not what it left
 */
export function walkerSteps(output: string): number[] {
  const mismatch = /E([0-9A-F]{8})\n/.exec(output);
  assert.equal(mismatch, null, `the walker found a wrong page at 0x${mismatch?.[1] ?? ''}`);
  // What follows the last newline is a number that the guest has not printed to its end.
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      assert.match(line, /^[0-9A-F]{8}$/, `not a line of the walker: ${JSON.stringify(line)}`);
      return Number.parseInt(line, 16);
    });
}

/**
 * Checks a dump of the RAM of a stopped walker, from address 0 (`pmemsave`, or the file of a RAM
 * backend): each page names itself; up to where the walker stands all are of one pass, and from there
 * on of the pass before.
 * @throws AssertionError that names the first page that is wrong
 */
export function checkWalkerMemory(dump: Buffer, ramMiB: number = walkerRamMiB): void {
  assert.equal(dump.length, ramMiB * mebibyte, 'the dump is not of the whole RAM');
  const firstPass = dump.readUInt32LE(walkBegin) % passes;
  const passBefore = (firstPass + passes - 1) % passes;
  let pass = firstPass;
  for (let page = walkBegin; page < walkEnd(ramMiB); page += pageSize) {
    const found = dump.readUInt32LE(page);
    if (found === page + passBefore) pass = passBefore;
    assert.equal(found, page + pass, `page 0x${page.toString(16)} of the walker's RAM`);
  }
}
