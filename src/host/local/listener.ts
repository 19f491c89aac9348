import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { HostError } from '../errors';
import { hasUnixListener } from '../proc';

/**
 * Resolves if somebody listens on a unix socket, which the kernel's table of sockets tells without
 * a connection. The table has the path that was bound, so a socket renamed since is not found.
 * @throws HostError `NO_SUCH_FILE`, `NOT_LISTENING`
 */
export async function requireListener(path: string): Promise<void> {
  if (!existsSync(path)) throw new HostError('NO_SUCH_FILE', `There is no socket ${path}.`, path);
  if (!hasUnixListener(await readFile('/proc/net/unix', 'utf8'), path)) {
    throw new HostError('NOT_LISTENING', `Nobody listens on ${path}.`, path);
  }
}
