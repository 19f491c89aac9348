/** The command `sidestep`. */
import { Terminal } from './output/terminal';
import { runCommandLine } from './run';

/** A reader that has gone (`sidestep ... | head`) ends the printing, not what is under way. */
function whenClosed({ stdout, stderr }: NodeJS.Process): AbortSignal {
  const closed = new AbortController();
  stdout.on('error', () => {
    closed.abort();
  });
  stderr.on('error', () => undefined);
  return closed.signal;
}

async function main(): Promise<void> {
  const { stdout, stderr, env } = process;
  const terminal = new Terminal(stdout, stderr, env, whenClosed(process));
  // Not process.exit: it would cut off what is still being written.
  process.exitCode = await runCommandLine(process.argv.slice(2), terminal, process.cwd());
}

void main();
