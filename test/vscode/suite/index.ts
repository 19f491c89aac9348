/** What VS Code's extension host calls to run the suite. */
import Mocha from 'mocha';
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';

/** Rejects if a test has failed. */
export async function run(): Promise<void> {
  const report = process.env['SIDESTEP_VSCODE_REPORT'];
  if (report === undefined) throw new Error('SIDESTEP_VSCODE_REPORT does not name a file');
  // The console has VS Code's own messages too.
  Mocha.reporters.Base.consoleLog = (...args: unknown[]) => {
    appendFileSync(report, `${format(...args)}\n`);
  };
  const grep = process.env['SIDESTEP_TEST_GREP'];
  const mocha = new Mocha({
    ...{ ui: 'bdd', timeout: 60_000, color: false, forbidOnly: true },
    ...(grep !== undefined && { grep }),
  });
  for (const file of files()) mocha.addFile(join(__dirname, file));
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}

/** In a room of libvirt's, what is about libvirt; elsewhere all the rest. */
function files(): string[] {
  const isInRoom = process.env['SIDESTEP_ROOM'] !== undefined;
  const found = readdirSync(__dirname).filter((file) =>
    file.endsWith(isInRoom ? '.room.js' : '.suite.js'),
  );
  // First of all: whatever runs a command activates the extension.
  const first = isInRoom ? [] : ['activation.suite.js'];
  return [...new Set([...first, ...found.sort()])];
}
