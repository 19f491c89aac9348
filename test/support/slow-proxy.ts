/** A wire of some length: TCP through it takes its time each way, in order and at full bandwidth. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { closeServer } from './net';

export interface SlowProxy {
  readonly port: number;
  close(): Promise<void>;
}

export async function startSlowProxy(toPort: number, oneWayMs: number): Promise<SlowProxy> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ port: toPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      // Timers of one length fire in the order they were set.
      const later = (call: () => void) => setTimeout(call, oneWayMs);
      from.on('data', (data: Buffer) => {
        later(() => {
          if (to.writable) to.write(data);
        });
      });
      from.on('end', () => later(() => to.end()));
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        later(() => to.destroy());
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port');
  return {
    port: address.port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await closeServer(server);
    },
  };
}
