/** libvirt's attempt to take the guest comes to its end, whatever is left of it. The guest is not there. */
import type { ProcessIdentity } from '../../host/process';
import { timeLimit } from '../../host/time-limit';
import { untilShutOff } from '../../libvirt/domain-state';
import { imagePath, isRestoreProgram } from '../../libvirt/restore/restore';
import { endsWithin } from '../ends-within';
import { isHostLost } from '../migration/failures';
import { runningProcesses } from '../running-processes';
import type { Handback } from './handback';
import { receivingProcess } from './receiving-process';
import { userMonitor } from './user-monitor';

/** How long libvirt may take to give up a restore that gets no guest, in ms. */
const givingUpMs = 10_000;
/** How long each that has to do with it may take to end by itself then, in ms. */
const endingMs = 1_000;
const answerTimeoutMs = 2_000;

export async function endAttempt(h: Handback): Promise<void> {
  const { host, folder } = h;
  if (h.program !== undefined) await endsWithin(host, h.program, givingUpMs);
  // What follows is done by the program itself, but for one that was killed, or cannot go on.
  await endPipe(h);
  const isVirsh = ({ argv }: ProcessIdentity) => argv.includes(imagePath(folder));
  const left = [
    await receivingProcess(h),
    ...(await runningProcesses(host)).filter(isVirsh),
    h.program,
  ];
  for (const process of left.filter((each) => each !== undefined)) {
    if (await endsWithin(host, process, endingMs)) continue;
    await host.signal(process, 'SIGKILL');
    await host.waitForExit(process);
  }
  await awaitCleared(h);
}

/** libvirt removes the sockets of a domain that ends, and so not those that are taken back now. */
async function awaitCleared({ virsh, domain }: Handback): Promise<void> {
  try {
    await untilShutOff(virsh, domain.uuid, timeLimit(givingUpMs));
  } catch (error) {
    if (isHostLost(error)) throw error;
    // libvirt is away, or at it for longer than anybody wants to wait.
  }
}

/** The program that hands over, if its client did not live to record it. */
export async function findProgram({
  host,
  folder,
}: Handback): Promise<ProcessIdentity | undefined> {
  return (await runningProcesses(host)).find(({ argv }) => isRestoreProgram(argv, folder));
}

/** Nobody opens it any more; who waits for that, or has it open to read, sees its end. */
async function endPipe(h: Handback): Promise<void> {
  const { host, folder } = h;
  const image = imagePath(folder);
  const [pipe] = await host.files([{ op: 'stat', path: image }]);
  if (pipe === undefined) return;
  await host.run(['sh', '-c', 'exec 3<>"$1"; rm -f -- "$1"; printf nothing >&3', 'sh', image]);
  // QEMU may have been given its end to write to, and not been told to.
  const commands = [
    { execute: 'qmp_capabilities' },
    { execute: 'closefd', arguments: { fdname: 'restore' } },
  ];
  const send = commands.map((command) => `${JSON.stringify(command)}\n`).join('');
  const endpoint = { unix: userMonitor(h) };
  await host.converse([{ endpoint, send, lines: 3 }], { timeoutMs: answerTimeoutMs });
}
