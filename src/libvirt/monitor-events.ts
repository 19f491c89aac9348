/** Events of the QEMUs that libvirt runs, as `virsh qemu-monitor-event` tells them. */
import { HostError } from '../host/errors';
import type { Virsh } from './virsh';

export interface MonitorEvent {
  /** The name of its domain. */
  readonly domain: string;
  readonly name: string;
  /** When it happened, by QEMU: µs since the Unix epoch. */
  readonly at: number;
  /** As on the wire. */
  readonly message: object;
}

/**
 * Tells the events of one domain, or of all, until the signal.
 * @param of UUID of a domain that there is already
 * @throws LibvirtError, HostError
 */
export async function followEvents(
  virsh: Virsh,
  of: { readonly domain?: string },
  onEvent: (event: MonitorEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const only = of.domain === undefined ? [] : ['--domain', of.domain];
  try {
    await virsh.follow(
      ['qemu-monitor-event', ...only, '--loop'],
      (line) => {
        const event = parseMonitorEvent(line);
        if (event !== undefined) onEvent(event);
      },
      signal,
    );
  } catch (error) {
    if (!(error instanceof HostError && error.code === 'CANCELLED')) throw error;
  }
}

/** `event STOP at 1795444470.283123 for domain 'vm one': <null>`; undefined for any other line. */
export function parseMonitorEvent(line: string): MonitorEvent | undefined {
  const match = /^event (\S+) at (\d{1,11})\.(\d{1,6}) for domain '(.*)': (<null>|\{.*\})$/.exec(
    line,
  );
  if (match === null) return undefined;
  const [, name = '', seconds, micros, domain = '', data = ''] = match;
  const parsed = data === '<null>' ? null : jsonOf(data);
  if (parsed === undefined) return undefined;
  const timestamp = { seconds: Number(seconds), microseconds: Number(micros) };
  return {
    domain,
    name,
    at: timestamp.seconds * 1e6 + timestamp.microseconds,
    message: {
      timestamp,
      event: name,
      ...(parsed !== null && { data: parsed }),
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
