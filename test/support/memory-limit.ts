/** A control group with little memory, of either version. */
import { existsSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';

export interface MemoryLimit {
  /** To be written a pid to. */
  readonly processes: string;
  remove(): Promise<void>;
}

/** Needs root. */
export async function limitMemory(mebibytes: number): Promise<MemoryLimit> {
  const name = `sidestep-${process.pid}-${mebibytes}`;
  const isFirst = existsSync('/sys/fs/cgroup/memory');
  const folder = `/sys/fs/cgroup/${isFirst ? 'memory/' : ''}${name}`;
  await mkdir(folder);
  const file = isFirst ? 'memory.limit_in_bytes' : 'memory.max';
  await writeFile(`${folder}/${file}`, String(mebibytes * 1024 ** 2));
  return { processes: `${folder}/cgroup.procs`, remove: () => rmdir(folder) };
}
