/** Whether the host has memory for a second copy of the guest's RAM. */
import { dirname } from 'node:path/posix';
import type { CommandLine, Option } from '../../qemu/commandline/commandline';
import { propertiesOf } from '../../qemu/commandline/option-properties';
import { parseSize } from '../../qemu/commandline/size';
import { formatBytes } from '../text/units';
import { isHugePages, mainRamSize, ramBackend } from './guest-ram';
import type { Finding, HostMemory } from './plan';

/** Both at once, or neither. */
export interface MemoryFindings {
  readonly blockers: readonly Finding[];
  readonly warnings: readonly Finding[];
}

const shareIt =
  'or start the domain with its RAM in a shared file (`sidestep start --ram file`), which no migration copies';

/** Of a mode in which RAM is copied. */
export function memoryFindings(definition: CommandLine, memory: HostMemory): MemoryFindings {
  const size = mainRamSize(definition);
  const needed = Math.min(size, memory.resident);
  const huge = definition.options.flatMap((option) => hugePagesOf(option, size, memory));
  if (huge.length > 0) {
    return { blockers: huge.flatMap((pages) => hugePagesShort(pages, memory)), warnings: [] };
  }
  const full = definition.options.flatMap((option) => ramFolder(option, needed, memory));
  if (full.length > 0) return { blockers: full, warnings: [] };
  if (memory.available >= size) return { blockers: [], warnings: [] };
  const finding = {
    code: 'MEMORY_SHORT',
    message: `The host has ${formatBytes(memory.available)} of memory left, and the target takes up to ${formatBytes(size)} for the guest's RAM while the source has ${formatBytes(needed)} of it.`,
    hint: `Make memory free, ${shareIt}.`,
  };
  return memory.available < needed
    ? { blockers: [finding], warnings: [] }
    : { blockers: [], warnings: [finding] };
}

interface HugePages {
  readonly option: Option;
  readonly bytes: number;
  readonly pageSize: number;
}

function hugePagesOf(option: Option, ram: number, { hugePageSize }: HostMemory): HugePages[] {
  if (option.name === 'mem-path') {
    return isHugePages(option.value ?? '') ? [{ option, bytes: ram, pageSize: hugePageSize }] : [];
  }
  const backend = ramBackend(option);
  if (backend === undefined) return [];
  const properties = propertiesOf(option);
  if (!isHugePages(backend.path ?? '') && properties.flag('hugetlb') !== true) return [];
  return [
    {
      option,
      bytes: parseSize(properties.get('size') ?? '') ?? 0,
      pageSize: parseSize(properties.get('hugetlbsize') ?? '') ?? hugePageSize,
    },
  ];
}

function hugePagesShort(
  { option, bytes, pageSize }: HugePages,
  { freeHugePages }: HostMemory,
): Finding[] {
  const wanted = Math.ceil(bytes / pageSize);
  const free = freeHugePages.get(pageSize) ?? 0;
  if (free >= wanted) return [];
  return [
    {
      code: 'HUGE_PAGES_SHORT',
      message: `A second copy of the guest's RAM (${option.flag}) takes ${wanted} huge pages of ${formatBytes(pageSize)}, and ${free} are free.`,
      hint: `Raise vm.nr_hugepages by ${wanted - free}, ${shareIt}.`,
    },
  ];
}

/** A RAM file that the guest writes to has another beside it for the time of the copy. */
function ramFolder(option: Option, needed: number, { freeSpace }: HostMemory): Finding[] {
  const backend = ramBackend(option);
  if (backend?.path === undefined || !backend.share) return [];
  const folder = dirname(backend.path);
  const free = freeSpace.get(folder);
  if (free === undefined || free >= needed) return [];
  return [
    {
      code: 'MEMORY_SHORT',
      message: `${folder} has ${formatBytes(free)} left, and a second copy of the guest's RAM takes ${formatBytes(needed)}.`,
      hint: 'Make room there, or migrate in a mode that copies no RAM.',
    },
  ];
}
