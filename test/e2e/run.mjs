/**
 * Packages the extension and uses it as a user does, in a real VS Code with a real host. With arguments
 * they go to mocha. SIDESTEP_SCREENSHOTS names the folder for the pictures. In a room of test/libvirt it
 * is what is about libvirt.
 */
import { spawnSync } from 'node:child_process';
import { repository } from '../../scripts/setup/cache.mjs';

const kind = process.env['SIDESTEP_ROOM'] === undefined ? 'e2e' : 'room';

/** @type {readonly (readonly string[])[]} */
const programs = [
  ['npm', 'run', '--silent', 'package'],
  [
    ...[process.execPath, '--import', 'tsx', 'node_modules/mocha/bin/mocha.js', '--no-config'],
    ...['--forbid-only', `test/e2e/*.${kind}.ts`, ...process.argv.slice(2)],
  ],
];

for (const [program = '', ...args] of programs) {
  const { status } = spawnSync(program, args, { cwd: repository, stdio: 'inherit' });
  process.exitCode = status ?? 1;
  if (status !== 0) break;
}
