/** What a domain does, and why, in libvirt's words. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunOptions } from '../host/host';
import { LibvirtError } from './errors';
import type { Virsh } from './virsh';

export interface DomainState {
  /** `running`, `paused`, `shut off` ... */
  readonly state: string;
  /** `booted`, `destroyed` ...; empty if there is none. (`virsh domstate --reason`.) */
  readonly reason: string;
}

/** @throws LibvirtError, HostError */
export async function domainState(
  virsh: Virsh,
  uuid: string,
  options: RunOptions = {},
): Promise<DomainState> {
  const said = await virsh.run(['domstate', '--reason', uuid], options);
  const [, state = '', reason = ''] = /^(.*?)(?: \((.*)\))?$/.exec(said.trim()) ?? [];
  return { state, reason };
}

/** Whether libvirt has a QEMU for it. */
export async function isRunning(
  virsh: Virsh,
  uuid: string,
  signal?: AbortSignal,
): Promise<boolean> {
  return (await reasonOfEnd(virsh, uuid, signal)) === undefined;
}

const lookEveryMs = 50;

/**
 * Resolves once libvirt has taken notice of a domain's end.
 * @returns the reason that it gives; empty for a transient domain, which it knows no more
 * @throws LibvirtError, HostError; an AbortError
 */
export async function untilShutOff(
  virsh: Virsh,
  uuid: string,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    const reason = await reasonOfEnd(virsh, uuid, signal);
    if (reason !== undefined) return reason;
    await delay(lookEveryMs, undefined, { signal });
  }
}

/** Undefined of a domain that runs. */
async function reasonOfEnd(
  virsh: Virsh,
  uuid: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    const { state, reason } = await domainState(virsh, uuid, { ...(signal && { signal }) });
    return state === 'shut off' ? reason : undefined;
  } catch (error) {
    if (error instanceof LibvirtError && error.code === 'NO_LIBVIRT_DOMAIN') return '';
    throw error;
  }
}
