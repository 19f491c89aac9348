/** `node test/libvirt/enter.mjs ROOM COMMAND [ARGUMENT]...`: runs any command in a room of libvirt's. */
import { rooms, runInRoom } from './room/room.mjs';

const [name = '', ...command] = process.argv.slice(2);
if ((name !== 'bookworm' && name !== 'trixie') || command.length === 0) {
  console.error(`enter.mjs ${Object.keys(rooms).join('|')} COMMAND [ARGUMENT]...`);
  process.exitCode = 2;
} else process.exitCode = await runInRoom(name, command);
