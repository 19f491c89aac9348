/** QEMU on guest RAM: its size, its backend, and memory of the host. */
import { formatBytes } from '../../text/units';
import type { Diagnosis, FailedInstance, Recogniser } from '../diagnosis';
import { said } from './said';

const sameRam = 'Source and target must be started with the same -m and the same RAM backends.';

export const ramWords: readonly Recogniser[] = [
  // migration/ram.c, parse_ramblock: the size that came, and the target's own
  said(/Size mismatch: (\S+): (0x\w+) != (0x\w+)/, ([block, there, here], { instance }) => ({
    code: 'RAM_SIZE_DIFFERS',
    message: `RAM block ${block ?? ''} has ${bytes(there)} at the source, and ${bytes(here)} at ${lower(instance.name)}.`,
    hint: differing(instance.emulator),
  })),
  said(/emory size does not match the size of the memory backend/, (_, { instance }) => ({
    code: 'RAM_SIZE_DIFFERS',
    message: `${instance.name} was started with an -m that is not the size of its RAM backend.`,
    hint: differing(instance.emulator),
  })),
  said(/Unknown ramblock "(.*)", cannot accept migration/, ([block], { instance }) => ({
    code: 'RAM_BACKEND_DIFFERS',
    message: `${instance.name} has no RAM block ${block ?? ''}, which the guest has at the source.`,
    hint: differing(instance.emulator),
  })),
  said(/Mismatched (RAM page size|GPAs for block) (\S+)/, ([what, block], { instance }) => ({
    code: 'RAM_BACKEND_DIFFERS',
    message: `RAM block ${block ?? ''} is another at ${lower(instance.name)}: ${what === 'RAM page size' ? 'its pages have another size' : 'it lies at another guest address'}.`,
    hint: differing(instance.emulator),
  })),
  said(
    /Insufficient free host memory pages|preallocating memory failed|Cannot allocate memory$/,
    (_, { instance, ram }) => (ram.isInHugePages ? noHugePages(instance) : noMemory(instance)),
  ),
  // The kernel's answer to a write into a file of a file system in memory that is full.
  ({ instance, ram: { folder } }) =>
    instance.exit?.killedBy === 'SIGBUS' && folder !== undefined
      ? {
          code: 'MEMORY_SHORT',
          message: `${instance.name} could not write the guest's RAM: the file system of ${folder} is full.`,
          hint: 'Make room there, or migrate in a mode that copies no RAM.',
        }
      : undefined,
];

function differing(emulator: string): string {
  return `${sameRam} Look whether ${emulator} changes what it is told.`;
}

function bytes(hexadecimal = ''): string {
  return formatBytes(Number(hexadecimal));
}

/** Within a sentence. */
function lower(name: string): string {
  return name.replace(/^The /, 'the ');
}

function noHugePages({ name }: FailedInstance): Diagnosis {
  return {
    code: 'HUGE_PAGES_SHORT',
    message: `${name} did not get the huge pages for its RAM.`,
    hint: `Source and target need theirs at the same time: raise vm.nr_hugepages, ${shareIt}.`,
  };
}

function noMemory({ name }: FailedInstance): Diagnosis {
  return {
    code: 'MEMORY_SHORT',
    message: `${name} did not get the memory it needs.`,
    hint: `Source and target need theirs at the same time: make memory free, raise the limits (ulimit -v, cgroup), ${shareIt}.`,
  };
}

const shareIt = 'or share the RAM (memory-backend-file with share=on)';
