/**
 * A guest of a few bytes that does what the walker does not: when its power button is pressed it shuts
 * down. Until then it prints a dot a line, as often as the BIOS's timer ticks.
 */
import { writeFile } from 'node:fs/promises';

const sectorBytes = 512;
/** The BIOS boots from no disk of less than a cylinder. */
const diskBytes = 1024 ** 2;

/** 16-bit code, as the BIOS starts it; the ports are those that SeaBIOS gives ACPI's registers. */
const code = [
  [0xba, 0x02, 0x06], //   mov dx, 0x602      PM1 enable
  [0xb8, 0x00, 0x01], //   mov ax, 0x100      the power button
  [0xef], //               out dx, ax
  [0xfb], //               sti
  // loop:
  [0xf4], //               hlt                until the timer ticks
  [0xba, 0xf8, 0x03], //   mov dx, 0x3f8      COM1
  [0xb0, 0x2e], //         mov al, '.'
  [0xee], //               out dx, al
  [0xb0, 0x0a], //         mov al, '\n'
  [0xee], //               out dx, al
  [0xba, 0x00, 0x06], //   mov dx, 0x600      PM1 status
  [0xed], //               in ax, dx
  [0xf6, 0xc4, 0x01], //   test ah, 1         the power button
  [0x74, 0xed], //         jz loop
  [0xba, 0x04, 0x06], //   mov dx, 0x604      PM1 control
  [0xb8, 0x00, 0x20], //   mov ax, 0x2000     to S5
  [0xef], //               out dx, ax
  [0xeb, 0xe4], //         jmp loop
].flat();

/** A disk to boot from. */
export async function writeButtonGuest(path: string): Promise<void> {
  const disk = Buffer.alloc(diskBytes);
  disk.set(code);
  disk.writeUInt16LE(0xaa55, sectorBytes - 2);
  await writeFile(path, disk);
}
