/** Prepare, at libvirt: it begins to restore the domain from a pipe, and its QEMU waits for the guest. */
import { HostError } from '../../host/errors';
import { toHostError } from '../../host/local/system-error';
import { followEvents } from '../../libvirt/monitor-events';
import {
  Restore,
  controlSocket,
  parseOutput,
  restoreCommand,
  type RestoreEvent,
  type SystemError,
} from '../../libvirt/restore/restore';
import { SidestepError } from '../errors';
import { inBackground } from '../migration/background';
import type { PhaseSteps } from '../migration/step-runner';
import { giveUpAddresses } from './give-up-addresses';
import { endAttempt } from './end-attempt';
import type { Handback } from './handback';
import { userMonitor } from './user-monitor';

export const prepare: PhaseSteps<Handback> = {
  phase: 'prepare',
  steps: [
    giveUpAddresses,
    {
      name: 'start-restore',
      async take(h) {
        const { domain, folder, virsh, xml, runState } = h;
        const request = {
          ...{ uri: virsh.uri, uuid: domain.uuid, xml, folder },
          running: runState === 'running',
          monitor: userMonitor(h),
          owner: domain.runAs && ([domain.runAs.uid, domain.runAs.gid] as const),
        };
        watchTarget(h);
        h.program = await h.host.start({
          first: [
            { op: 'remove', path: folder },
            { op: 'mkdir', path: folder, exclusive: true },
          ],
          argv: restoreCommand(request),
          cwd: '/',
          outputPath: outputPath(folder),
        });
        const stream = await h.host
          .connect({ unix: controlSocket(folder) }, { waitFor: h.program, signal: h.signal })
          .catch(async (error: unknown) => {
            throw await notStarted(h, error);
          });
        h.restore = new Restore(stream, tapOf(h));
      },
      async undo(h) {
        h.restore?.dispose();
        await endAttempt(h);
        await h.host.files([{ op: 'remove', path: h.folder }]);
      },
    },
    {
      name: 'await-reading',
      async take(h) {
        const reading = await h.restore?.until('reading', h.signal);
        if (reading === undefined) throw restoreFailed(h);
        h.trace.add({
          type: 'process',
          instance: h.targetId ?? 0,
          edge: 'start',
          pid: reading.pid,
        });
      },
    },
  ],
};

/** libvirt did not take the guest, in its own words. */
export function restoreFailed(h: Handback): unknown {
  const { restore, virsh, domain } = h;
  if (restore?.result?.unable !== undefined) return noPlace(h, restore.result.unable);
  const said = restore?.result?.said
    .replace(/^error: /gm, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ');
  return new SidestepError(
    'RESTORE_FAILED',
    `libvirt (${virsh.uri}) did not take domain "${domain.name}"${said ? `: ${said}` : '.'}`,
    { hint: 'Mend what it says, and hand the domain back again with `sidestep handback`.' },
  );
}

/** The program on the host did not come up: Python is missing, say. */
async function notStarted(h: Handback, cause: unknown): Promise<unknown> {
  const { host, folder, domain } = h;
  if (!(cause instanceof HostError && cause.code === 'PROCESS_GONE')) return cause;
  const [output] = await host.files([{ op: 'read', path: outputPath(folder) }]);
  const unable = parseOutput(output?.toString() ?? '');
  if (unable !== undefined) return noPlace(h, unable);
  const said = output?.toString().trim().split('\n').at(-1);
  return new SidestepError(
    'NO_PYTHON',
    `The program that hands domain "${domain.name}" to libvirt did not start${said ? `: ${said}` : '.'}`,
    { hint: 'It needs Python 3.6 or later on the host.', cause },
  );
}

/** Nothing can be made in the folder for the pipe. */
function noPlace({ folder, state }: Handback, { errno, reason }: SystemError): unknown {
  const cause = Object.assign(new Error(reason), { code: errno });
  return state.explain(toHostError(cause, `make the pipe to libvirt in ${folder}`, folder));
}

const outputPath = (folder: string) => `${folder}/output`;

/** Events are all that can be had of libvirt's QEMU before libvirt is done with it. */
function watchTarget(h: Handback): void {
  const id = h.targetId ?? 0;
  void inBackground(
    followEvents(
      h.virsh,
      {},
      ({ domain, name, at, message }) => {
        if (domain !== h.domain.name) return;
        const bytes = JSON.stringify(message).length;
        const record = { type: 'qmp', instance: id, at, direction: 'received' } as const;
        h.trace.add({ ...record, kind: 'event', bytes, message, name });
        if (name === 'RESUME') {
          h.targetRan = true;
          h.trace.add({ type: 'run-state', instance: id, state: 'running', at });
        }
      },
      h.over.signal,
    ),
  );
}

/** For the trace: what the program that hands over says to the source, and is answered. */
function tapOf({ trace, sourceInstance }: Handback): (event: RestoreEvent) => void {
  const names = new Map<string, string>();
  return (event) => {
    if (event.event !== 'command' && event.event !== 'reply') return;
    const { message } = event;
    const { id } = message;
    if (event.event === 'command') names.set(event.message.id, event.message.execute);
    const name = id === undefined ? undefined : names.get(id);
    const isCommand = event.event === 'command';
    trace.add({
      type: 'qmp',
      instance: sourceInstance.id,
      direction: isCommand ? 'sent' : 'received',
      kind: isCommand ? 'command' : 'error' in message ? 'error' : 'reply',
      bytes: JSON.stringify(message).length,
      message,
      ...(name !== undefined && { name }),
      ...(id !== undefined && { id }),
    });
  };
}
