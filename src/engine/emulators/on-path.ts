import { basename } from 'node:path';
import type { Host } from '../../host/host';

/** Full paths of every `qemu-system-*` on the host's PATH, in the order of the PATH. */
export async function emulatorsOnPath(host: Host): Promise<string[]> {
  const { stdout } = await host.run(['printenv', 'PATH']);
  const folders = [...new Set(stdout.toString().trim().split(':'))].filter((folder) =>
    folder.startsWith('/'),
  );
  const found = await host.files(folders.map((path) => ({ op: 'list', path }) as const));
  const paths = folders.flatMap((folder, index) =>
    (found[index] ?? [])
      .filter((name) => /^qemu-system-[\w-]+$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const facts = await host.files(
    paths.flatMap((path) => [{ op: 'stat', path } as const, { op: 'realpath', path } as const]),
  );
  // On a merged /usr the same binary is there by two paths.
  const byRealPath = new Map<string, string>();
  for (const [index, path] of paths.entries()) {
    const stat = facts[2 * index];
    const real = facts[2 * index + 1];
    if (typeof stat !== 'object' || !stat.executable || typeof real !== 'string') continue;
    const key = `${real} ${basename(path)}`;
    if (!byRealPath.has(key)) byRealPath.set(key, path);
  }
  return [...byRealPath.values()];
}
