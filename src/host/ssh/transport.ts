/** What carries a connection: a socket, or a ProxyCommand. */
import { spawn } from 'node:child_process';
import { connect as connectSocket } from 'node:net';
import { Duplex } from 'node:stream';
import { HostError } from '../errors';
import { cancellation, onAbort } from '../local/cancellation';
import { errnoOf, toHostError } from '../local/system-error';
import type { HostConfig } from './config/host-config';

/** @throws HostError `SSH_UNREACHABLE`, `CANCELLED` */
export function connectTcp(config: HostConfig, signal: AbortSignal): Promise<Duplex> {
  const { hostName, port, addressFamily } = config;
  return new Promise((resolve, reject) => {
    if (signal.aborted) throw cancellation(signal);
    const socket = connectSocket({
      host: hostName,
      port,
      noDelay: true,
      ...(addressFamily !== 'any' && { family: addressFamily === 'inet' ? 4 : 6 }),
    });
    const giveUp = (error: HostError): void => {
      forget();
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => {
      giveUp(unreachable(config, `no answer within ${config.connectTimeoutMs / 1000} s`));
    }, config.connectTimeoutMs);
    const forget = onAbort(signal, () => {
      giveUp(cancellation(signal));
    });
    const fail = (error: Error): void => {
      giveUp(unreachable(config, reasonOf(error), error));
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      forget();
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

export function unreachable(config: HostConfig, reason: string, cause?: unknown): HostError {
  const { host, hostName, port } = config;
  const address = hostName.includes(':') ? `[${hostName}]:${port}` : `${hostName}:${port}`;
  const named = host === hostName ? '' : ` (${host})`;
  const message = `Cannot reach ${address}${named}: ${reason}. Check the address, that the host is up, and that an SSH server runs there.`;
  return new HostError('SSH_UNREACHABLE', message, host, { cause });
}

function reasonOf(error: Error): string {
  switch (errnoOf(error)) {
    case 'ENOTFOUND':
      return 'no such host name';
    case 'EAI_AGAIN':
      return 'the name server does not answer';
    case 'ECONNREFUSED':
      return 'nobody listens there';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to it';
    case 'ETIMEDOUT':
      return 'no answer';
    default:
      return toHostError(error, 'connect', '').message.replace(/^Cannot connect: |\.$/g, '');
  }
}

/** Runs a ProxyCommand by the user's shell, as ssh does, and speaks through it. */
export function startProxyCommand(command: string): Duplex {
  const child = spawn(...asShellCommand(command), { stdio: ['pipe', 'pipe', 'pipe'] });
  const { stdin, stdout, stderr } = child;
  let said = '';
  stderr.on('data', (data: Buffer) => {
    said = (said + data.toString()).slice(-500);
  });
  const stream = new Duplex({
    read: () => stdout.resume(),
    // An EPIPE is not told here: the command's end says why, and follows.
    write: (data, _encoding, done) =>
      stdin.write(data, () => {
        done();
      }),
    final: (done) => {
      stdin.end();
      done();
    },
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  const failed = (reason: string): void => {
    const message = `The ProxyCommand failed: ${command}: ${reason}. Correct it in the SSH configuration.`;
    stream.destroy(new HostError('SSH_UNREACHABLE', message, command));
  };
  stdout.on('data', (data: Buffer) => {
    if (!stream.push(data)) stdout.pause();
  });
  stdin.on('error', () => undefined);
  child.once('error', (error) => {
    failed(error.message);
  });
  child.once('close', (status, killedBy) => {
    if (status === 0) stream.push(null);
    else failed(said.trim() || (killedBy ?? `exit status ${status ?? ''}`));
  });
  return stream;
}

function asShellCommand(command: string): [program: string, args: string[]] {
  if (process.platform === 'win32') return ['cmd.exe', ['/d', '/s', '/c', command]];
  return [process.env['SHELL'] ?? '/bin/sh', ['-c', `exec ${command}`]];
}
