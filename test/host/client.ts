/**
 * A client of the host, to be killed or to end by itself: takes a lock, starts a process that
 * outlives it, and says so. Arguments: the lock's path, the output's path, `stay` to wait to be killed.
 */
import { openLocalHost } from '../../src/host/local';

async function main([lockPath = '', outputPath = '', stay]: readonly string[]): Promise<void> {
  const host = openLocalHost();
  const lock = await host.lock(lockPath);
  const started = await host.start({ argv: ['sleep', '60'], outputPath });
  process.stdout.write(`${JSON.stringify({ locked: lock !== undefined, started })}\n`);
  if (stay) setInterval(() => undefined, 1000);
}

void main(process.argv.slice(2));
