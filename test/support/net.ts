/** Listeners and connections of the tests' own. */
import { once } from 'node:events';
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import assert from 'node:assert/strict';

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = await listenOn(0);
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  await closeServer(server);
  return address.port;
}

/** Takes a port of 127.0.0.1 or a path, and closes whatever connects to it. */
export async function listenOn(where: number | { readonly path: string }): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  if (typeof where === 'number') server.listen(where, '127.0.0.1');
  else server.listen(where);
  await once(server, 'listening');
  return server;
}

export async function closeServer(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

export async function connectTo(endpoint: NetConnectOpts): Promise<Socket> {
  const socket = connect(endpoint);
  await once(socket, 'connect');
  return socket;
}

/** What a listener says first, of at least so many bytes. */
export async function firstBytes(socket: Socket, length: number): Promise<string> {
  let text = '';
  while (text.length < length) {
    const [data] = (await once(socket, 'data')) as [Buffer];
    text += data.toString('latin1');
  }
  return text;
}
