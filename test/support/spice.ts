/** A SPICE client's first words, as of spice-protocol's `protocol.h`. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';

const magic = 'REDQ';
const mainChannel = 1;

/** Fails unless whoever is at the other end is a SPICE server that would let a client in. */
export async function greetSpice(socket: Socket): Promise<void> {
  const message = Buffer.alloc(18);
  message[4] = mainChannel;
  // Where capabilities would be: behind the message.
  message.writeUInt32LE(message.length, 14);
  const header = Buffer.alloc(16);
  header.write(magic, 'latin1');
  // Version 2.2
  header.writeUInt32LE(2, 4);
  header.writeUInt32LE(2, 8);
  header.writeUInt32LE(message.length, 12);
  socket.write(Buffer.concat([header, message]));
  let reply = Buffer.alloc(0);
  // A header, and what was wrong: 0 is nothing.
  while (reply.length < 20) {
    const [data] = (await once(socket, 'data')) as [Buffer];
    reply = Buffer.concat([reply, data]);
  }
  assert.equal(reply.toString('latin1', 0, 4), magic);
  assert.equal(reply.readUInt32LE(16), 0, 'the SPICE server has an objection');
}
