/**
 * Runs the tests against a real libvirt, in a room of their own for each version:
 *
 *   node test/libvirt/run.mjs [--room bookworm|trixie] [FILE...] [MOCHA-OPTION...]
 *
 * Without files: all `*.libvirt.ts`; without a room: both, one after the other.
 */
import { dirname } from 'node:path';
import { rooms, runInRoom } from './room/room.mjs';

const args = process.argv.slice(2);
const counts = process.env['SIDESTEP_TEST_COUNTS'];

for (const name of chosenRooms()) {
  console.log(`== ${rooms[name].title}`);
  const status = await runInRoom(name, mocha(), {
    shared: counts === undefined ? [] : [dirname(counts)],
  });
  if (status !== 0) process.exitCode = status;
}

/**
 * Takes the room out of the arguments.
 * @returns {(keyof typeof rooms)[]}
 */
function chosenRooms() {
  const index = args.indexOf('--room');
  if (index < 0) return ['bookworm', 'trixie'];
  const [, name] = args.splice(index, 2);
  if (name === 'bookworm' || name === 'trixie') return [name];
  throw new Error(`--room: ${name ?? 'nothing'} is none of ${Object.keys(rooms).join(', ')}`);
}

function mocha() {
  const hasFile = args.some((arg) => arg.endsWith('.libvirt.ts'));
  return [
    ...[process.execPath, '--import', 'tsx', '--import', './test/support/python-text.mjs'],
    ...['node_modules/mocha/bin/mocha.js', '--no-config', '--timeout=60000'],
    ...['--forbid-only', '--forbid-pending', '--reporter=scripts/test/reporter.mjs'],
    ...(hasFile ? [] : ['test/libvirt/**/*.libvirt.ts']),
    ...args,
  ];
}
