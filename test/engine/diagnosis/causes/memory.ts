/** Too little memory for two. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Cause, Scene } from '../cause';

const run = promisify(execFile);
const hugePages = '/proc/sys/vm/nr_hugepages';

/** The walker's 64 MiB, in pages of 2 MiB. */
const pagesOfOne = 32;

const inHugePages = {
  ram: 'as-is',
  arguments: [
    ...['-object', 'memory-backend-memfd,id=ram,size=64M,hugetlb=on,hugetlbsize=2M'],
    ...['-machine', 'memory-backend=ram'],
  ],
} as const;

async function withHugePages<T>(count: number, work: () => Promise<T>): Promise<T> {
  const before = await readFile(hugePages, 'utf8');
  await writeFile(hugePages, String(count));
  return work().finally(() => writeFile(hugePages, before));
}

export const memory: readonly Cause[] = [
  {
    cause: 'not enough huge pages for two',
    code: 'HUGE_PAGES_SHORT',
    names: /takes 32 huge pages of 2\.00 MiB, and 8 are free/,
    before: true,
    guest: inHugePages,
    around: (work) => withHugePages(pagesOfOne + 8, work),
    migrate: ({ walker }) => walker.migrate({ mode: 'precopy' }),
  },
  {
    cause: 'huge pages that are taken when the target starts',
    code: 'HUGE_PAGES_SHORT',
    names: /The target \(instance 2\) did not get the huge pages for its RAM/,
    guest: inHugePages,
    around: (work) => withHugePages(2 * pagesOfOne, work),
    migrate: ({ walker }) =>
      walker.migrate({
        mode: 'precopy',
        options: {
          beforeStep: async (_, step) => {
            if (step === 'start-target') await writeFile(hugePages, String(pagesOfOne));
          },
        },
      }),
  },
  {
    cause: 'no room for a second RAM file',
    code: 'MEMORY_SHORT',
    names: /\/ram has \S+ MiB left, and a second copy of the guest's RAM takes 64\.0 MiB/,
    before: true,
    guest: inFile,
    around: (work, path) => withMemoryFileSystem(path('ram'), 100, work),
    migrate: ({ walker }) => walker.migrate({ mode: 'precopy' }),
  },
  {
    cause: 'room for a second RAM file that is taken on the way',
    code: 'MEMORY_SHORT',
    names: /The target \(instance 2\) .* \S+\/ram is full/,
    guest: inFile,
    around: (work, path) => withMemoryFileSystem(path('ram'), 140, work),
    migrate: ({ walker, path }) =>
      walker.migrate({
        mode: 'precopy',
        options: {
          beforeStep: async (_, step) => {
            if (step === 'migrate') await fill(path('ram/other'), 50);
          },
        },
      }),
  },
];

function inFile(path: Scene['path']) {
  const ram = `memory-backend-file,id=ram,size=64M,mem-path=${path('ram/guest')},share=on`;
  return {
    ram: 'as-is',
    arguments: ['-object', ram, '-machine', 'memory-backend=ram'],
  } as const;
}

async function withMemoryFileSystem<T>(
  folder: string,
  mebibytes: number,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(folder);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}M`, 'tmpfs', folder]);
  return work().finally(() => run('umount', ['--lazy', folder]));
}

async function fill(path: string, mebibytes: number): Promise<void> {
  await writeFile(path, Buffer.alloc(mebibytes * 1024 ** 2, 1));
}
