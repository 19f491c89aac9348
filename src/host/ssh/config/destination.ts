/** Where a user wants to go: `dev`, `user@dev`, `user@dev:2222`, `ssh://user@dev:2222`. */
import { HostError } from '../../errors';

export interface Destination {
  /** A `Host` of the configuration, a name or an address, without brackets. */
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/**
 * What is not one of these characters has no place in a host or user name, and may mean something to
 * ssh, to a shell of a ProxyCommand, or to whoever reads it.
 */
const forbidden = /[\s\p{C}'"`$\\;&<>|(){}*?!,/]/u;

/** @throws HostError `SSH_CONFIG` */
export function parseDestination(text: string): Destination {
  const rest = text.startsWith('ssh://') ? text.slice('ssh://'.length).replace(/\/$/, '') : text;
  const at = rest.lastIndexOf('@');
  const user = at === -1 ? undefined : rest.slice(0, at);
  const { host, port } = splitPort(rest.slice(at + 1));
  for (const part of user === undefined ? [host] : [user, host]) {
    if (part === '' || part.startsWith('-') || forbidden.test(part)) throw notADestination(text);
  }
  if (port === undefined) return { host, ...(user !== undefined && { user }) };
  if (!/^\d{1,5}$/.test(port) || Number(port) === 0 || Number(port) > 65_535) {
    throw notADestination(text);
  }
  return { host, port: Number(port), ...(user !== undefined && { user }) };
}

/** As OpenSSH writes it: `user@host:port`, an IPv6 address in brackets. */
export function formatDestination(user: string, host: string, port: number): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** `host`, `host:port`, `[address]:port`; more than one colon without brackets is an IPv6 address. */
function splitPort(text: string): { host: string; port?: string } {
  const [, bracketed, after] = /^\[([^\]]+)\](?::(.*))?$/.exec(text) ?? [];
  if (bracketed !== undefined) {
    return { host: bracketed, ...(after !== undefined && { port: after }) };
  }
  const [host = '', port, more] = text.split(':');
  return port === undefined || more !== undefined ? { host: text } : { host, port };
}

function notADestination(text: string): HostError {
  const message = `${JSON.stringify(text)} names no SSH host. Write a name of your SSH configuration, user@host, or ssh://user@host:port.`;
  return new HostError('SSH_CONFIG', message, text);
}
