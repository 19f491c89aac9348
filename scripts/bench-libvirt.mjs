/** `npm run bench:libvirt`: bench/libvirt.ts in a room of its own libvirt. */
import { runInRoom } from '../test/libvirt/room/room.mjs';

const tsx = ['--import', 'tsx', '--import', './test/support/python-text.mjs'];
process.exitCode = await runInRoom('trixie', [
  ...[process.execPath, ...tsx, 'bench/libvirt.ts', ...process.argv.slice(2)],
]);
