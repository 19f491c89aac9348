/** The files of known hosts: read, and added to. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isAbsent, toHostError } from '../local/system-error';
import type { HostKey } from './host-key';
import { hashName, parseKnownHosts, type KnownHostsLine } from './known-hosts';

/** @throws HostError for a file that is there and cannot be read: it may revoke a key */
export async function readKnownHosts(files: readonly string[]): Promise<KnownHostsLine[]> {
  const read = async (file: string): Promise<KnownHostsLine[]> => {
    try {
      return parseKnownHosts(await readFile(file, 'utf8'), file);
    } catch (error) {
      if (isAbsent(error)) return [];
      throw toHostError(error, `read ${file}`, file);
    }
  };
  return (await Promise.all(files.map(read))).flat();
}

/**
 * Adds a line, in a file and a folder that are the user's alone.
 * @param name as `knownHostsName` makes it
 */
export async function addKnownHost(
  file: string,
  name: string,
  { type, blob }: HostKey,
  hashed: boolean,
): Promise<void> {
  const names = hashed ? hashName(name, randomBytes(20)) : name;
  const line = `${names} ${type} ${blob.toString('base64')}\n`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, 'a+', 0o600);
    try {
      const { size } = await handle.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await handle.read(last, 0, 1, size - 1);
      // Whoever wrote the last line may have left it open.
      const isOpen = size > 0 && last.toString() !== '\n';
      await handle.appendFile(isOpen ? `\n${line}` : line);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw toHostError(error, `write ${file}`, file);
  }
}
