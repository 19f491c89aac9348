/** What a QEMU of libvirt's does with its guest. */
import { domainState } from '../../libvirt/domain-state';
import { LibvirtError } from '../../libvirt/errors';
import { monitorPath } from '../../libvirt/monitor-path';
import type { Virsh } from '../../libvirt/virsh';
import type { Host } from '../../host/host';
import type { ProcessIdentity } from '../../host/process';
import { parseRunState } from '../../qemu/migration';
import * as v from 'valibot';

export interface LibvirtGuest {
  /** libvirt's word, or QEMU's RunState; undefined if neither can be asked. */
  readonly runState: string | undefined;
  /** libvirt is at work on it, or does not answer. */
  readonly isBusy: boolean;
}

const answerTimeoutMs = 5_000;

/**
 * By libvirt; where that is away, or knows nothing of this QEMU, by the QEMU's own monitor, which is
 * free then.
 * @param process lives, and runs the domain
 */
export async function libvirtGuest(
  virsh: Virsh,
  uuid: string,
  process: ProcessIdentity,
): Promise<LibvirtGuest> {
  try {
    // Not the job: libvirt tells of that only once it is over.
    const { state, reason } = await domainState(virsh, uuid, { timeoutMs: answerTimeoutMs });
    if (state !== 'shut off') return { runState: state, isBusy: unfinished.has(reason) };
    return { runState: await askItself(virsh.host, process), isBusy: false };
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    if (error.code === 'LIBVIRT_TIMEOUT' || error.code === 'LIBVIRT_BUSY') {
      return { runState: undefined, isBusy: true };
    }
    return { runState: await askItself(virsh.host, process), isBusy: false };
  }
}

/** Why libvirt has a domain paused that it has yet to set running. */
const unfinished = new Set(['starting up', 'migrating']);

const question = ['qmp_capabilities', 'query-status']
  .map((execute) => `${JSON.stringify({ execute })}\n`)
  .join('');
const Answer = v.object({ return: v.unknown() });

async function askItself(host: Host, { argv }: ProcessIdentity): Promise<string | undefined> {
  const path = monitorPath(argv);
  if (path === undefined) return undefined;
  const [lines] = await host.converse([{ endpoint: { unix: path }, send: question, lines: 3 }], {
    timeoutMs: answerTimeoutMs,
  });
  // Behind the greeting and the first answer.
  const status = lines?.[2];
  if (status === undefined) return undefined;
  return parseRunState(v.parse(Answer, JSON.parse(status)).return).status;
}
