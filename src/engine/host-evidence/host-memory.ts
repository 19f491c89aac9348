/** What memory a host has left, and how much of it the source's guest takes. */
import { HostError } from '../../host/errors';
import type { Host } from '../../host/host';
import type { HostMemory } from '../plan/plan';

const hugePagesFolder = '/sys/kernel/mm/hugepages';

export async function readHostMemory(
  host: Host,
  pid: number,
  ramFolders: readonly string[],
): Promise<HostMemory> {
  const [memory, process, hugePages, free] = await Promise.all([
    host.files([{ op: 'read', path: '/proc/meminfo' }]),
    host.files([{ op: 'read', path: `/proc/${pid}/status` }]).catch(() => []),
    host.files([{ op: 'readEach', path: hugePagesFolder, name: 'free_hugepages' }]),
    Promise.all(ramFolders.map((path) => freeSpace(host, path))),
  ]);
  const kilobytes = (text: Buffer | undefined, name: string) =>
    1024 *
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text?.toString() ?? '')?.[1] ?? 0);
  return {
    available: kilobytes(memory[0], 'MemAvailable') + kilobytes(memory[0], 'SwapFree'),
    hugePageSize: kilobytes(memory[0], 'Hugepagesize'),
    resident: kilobytes(process[0], 'VmRSS'),
    freeHugePages: new Map(
      [...hugePages[0]].map(([name, count]) => [
        1024 * Number(/\d+/.exec(name)?.[0] ?? 0),
        Number(count.toString()),
      ]),
    ),
    freeSpace: new Map(
      ramFolders.flatMap((path, index) => {
        const bytes = free[index];
        return bytes === undefined ? [] : [[path, bytes]];
      }),
    ),
  };
}

/** A folder that is gone, or not ours to see, has none that is known. */
async function freeSpace(host: Host, path: string): Promise<number | undefined> {
  try {
    return (await host.files([{ op: 'freeSpace', path }]))[0];
  } catch (error) {
    if (error instanceof HostError && error.code !== 'DISCONNECTED') return undefined;
    throw error;
  }
}
