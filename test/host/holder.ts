/** A client of the host that is killed: takes a lock, starts a process, says so, and waits. */
import { openLocalHost } from '../../src/host/local';

const [lockPath = '', outputPath = ''] = process.argv.slice(2);
const host = openLocalHost();
const lock = await host.lock(lockPath);
const started = await host.start({ argv: ['sleep', '60'], outputPath });
process.stdout.write(`${JSON.stringify({ locked: lock !== undefined, started })}\n`);
setInterval(() => undefined, 1000);
