import { connect as connectSocket, type Socket } from 'node:net';
import { HostError } from '../errors';
import type { Endpoint } from '../host';
import { cancellation, onAbort } from './cancellation';
import { errnoOf, toHostError } from './system-error';

/** sockaddr_un's sun_path, less the NUL at its end: bytes. */
const longestUnixPath = 107;

export function nameOf(endpoint: Endpoint): string {
  return 'unix' in endpoint ? endpoint.unix : `${endpoint.host}:${endpoint.port}`;
}

/** One attempt. */
export function connectOnce(endpoint: Endpoint, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) throw cancellation(signal);
    requireFit(endpoint);
    const socket = connectSocket(
      'unix' in endpoint ? { path: endpoint.unix } : { ...endpoint, noDelay: true },
    );
    const settled = onAbort(signal, () => {
      socket.destroy();
      reject(cancellation(signal));
    });
    socket.once('connect', () => {
      settled();
      socket.off('error', fail);
      resolve(socket);
    });
    const fail = (error: Error): void => {
      settled();
      reject(connectError(error, endpoint));
    };
    socket.once('error', fail);
  });
}

export function requireFit(endpoint: Endpoint): void {
  if (!('unix' in endpoint)) return;
  const bytes = Buffer.byteLength(endpoint.unix);
  if (bytes <= longestUnixPath) return;
  const message = `Cannot connect to ${endpoint.unix}: a unix socket's path has at most ${longestUnixPath} bytes, this one has ${bytes}.`;
  throw new HostError('IO', message, endpoint.unix);
}

export function connectError(error: unknown, endpoint: Endpoint): HostError {
  const name = nameOf(endpoint);
  if (errnoOf(error) === 'ECONNREFUSED') {
    return new HostError('NOT_LISTENING', `Nobody listens on ${name}.`, name, { cause: error });
  }
  return toHostError(error, `connect to ${name}`, name);
}
