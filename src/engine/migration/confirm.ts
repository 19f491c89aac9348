/**
 * Confirm, at the source: it quits, the target moves from the remote tables to the source tables,
 * and takes over the addresses that are free now.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../../host/host';
import { timeLimit } from '../../host/time-limit';
import { LibvirtError } from '../../libvirt/errors';
import { destroyDomain } from '../../libvirt/lifecycle';
import { Virsh } from '../../libvirt/virsh';
import { giveDisks } from '../domain/give-disks';
import { removeTaps } from '../domain/taps';
import { isAlive } from '../is-alive';
import { inBackground } from './background';
import { targetLost } from './failures';
import type { Migration } from './migration';
import { notTakenBack } from './not-taken-back';
import type { PhaseSteps } from './step-runner';
import { takeOver } from './take-over';
import { writeTarget } from './target-steps';

/** How long the final counts may take where they are waited for, in ms. */
const countsMs = 1_000;

/** How long a QEMU in postmigrate may take to quit before it is killed, in ms. */
const quitTimeoutMs = 10_000;

/** How long a libvirt may be away, in ms: one that crashed is started anew by systemd. */
const libvirtReturnsMs = 10_000;
/** No event tells that it is back; in ms. */
const lookAgainMs = 200;

export const confirm: PhaseSteps<Migration> = {
  phase: 'confirm',
  steps: [
    {
      name: 'quit-source',
      async take(m) {
        // The source is the last to have the guest if the target has ended meanwhile.
        if (!m.targetMonitor.client.isOpen) throw await targetLost(m);
        // The final counts for whoever reads the trace, in the same round trip.
        const counts = m.source?.queryMigration(timeLimit(countsMs)).catch(() => undefined);
        // libvirt would not wait for what is asked beside it.
        if (m.sourceInstance.libvirt !== undefined) await counts;
        await quit(m);
        if (m.sourceInstance.libvirt !== undefined) await giveDisks(m.host, m.sourceCookie.domain);
        m.sourceExited = inBackground(m.host.waitForExit(m.sourceInstance.process));
      },
    },
    {
      name: 'move-tables',
      async take(m) {
        const { instance, definition, takeBacks, ramMoves } = m.targetCookie;
        const { domain } = m.sourceCookie;
        const released = releasedRam(m);
        const kept = domain.ownedPaths.filter((path) => !released.includes(path));
        await m.host.files([
          m.journal.spending,
          m.state.writeDomain({
            ...domain,
            definition,
            ownedTaps: m.targetCookie.taps,
            source: instance.id,
            takenSockets: takeBacks.flatMap((each) =>
              each.by === 'rename' ? [each.to, each.from] : [],
            ),
            ownedPaths: [...kept, ...ramMoves.map(({ to }) => to)],
          }),
          ...m.state.removeInstance(domain.source),
          m.state.removeFailure(domain.uuid),
        ]);
        m.trace.add({ type: 'table', instance: domain.source, from: 'source' });
        m.trace.add({ type: 'table', instance: instance.id, from: 'remote', to: 'source' });
      },
    },
    {
      name: 'clear-source',
      async take(m) {
        // Its process gives back memory for a while yet, and its addresses only then.
        const { id, process } = m.sourceInstance;
        const exited = orKill(m, m.sourceExited ?? m.host.waitForExit(process)).then(() => {
          m.trace.add({ type: 'process', instance: id, edge: 'exit', pid: process.pid });
        });
        // Not if the disk was full: now there is space for it.
        const recorded = m.targetRecorded?.catch(() => writeTarget(m));
        await Promise.all([exited, recorded]);
        const released = releasedRam(m);
        if (released.length > 0) await removeInBackground(m.host, released);
        await removeTaps(m.host, m.sourceCookie.domain.ownedTaps ?? []);
      },
    },
    {
      name: 'take-back',
      when: (m) => m.targetCookie.takeBacks.length > 0,
      async take(m) {
        // Independent of each other, so all at once; one that fails leaves the others theirs.
        m.takenBack.push(
          ...(await Promise.all(
            m.targetCookie.takeBacks.map(async (takeBack) => {
              const error = await takeOver(
                m.host,
                m.targetMonitor.client,
                takeBack,
                m.resumed,
              ).then(
                () => undefined,
                (cause: unknown) => notTakenBack(m.host, takeBack, cause),
              );
              const { what, to: address } = takeBack;
              m.trace.add({
                type: 'take-back',
                what,
                address,
                ...(error !== undefined && { error }),
              });
              return { what, address, error };
            }),
          )),
        );
      },
    },
  ],
};

/** Whatever the monitor answers, what counts is that the process ends (`clear-source`). */
async function quit(m: Migration): Promise<void> {
  const { uuid, libvirt, process } = m.sourceInstance;
  if (libvirt !== undefined) await quitAtLibvirt(m, new Virsh(m.host, libvirt), uuid);
  else if (m.source !== undefined) m.source.client.execute('quit').catch(() => undefined);
  // Its monitor may have gone with its folder, when another client was here before.
  else await m.host.signal(process, 'SIGKILL');
}

/** To libvirt a QEMU that quits by itself is a crash: so it ends it, unless it stays away. */
async function quitAtLibvirt(m: Migration, virsh: Virsh, uuid: string): Promise<void> {
  const { process } = m.sourceInstance;
  const isLate = timeLimit(libvirtReturnsMs);
  let reason: LibvirtError | undefined;
  do {
    // One that its owner has started anew since is not ours to end.
    if (!(await isAlive(m.host, process))) return;
    if (reason !== undefined) await delay(lookAgainMs);
    reason = await destroyDomain(virsh, uuid, quitTimeoutMs).then(() => undefined, refusalIn);
    if (reason === undefined) return;
  } while (reason.code === 'LIBVIRT_UNREACHABLE' && !isLate.aborted);
  m.warn(
    'LIBVIRT_AWAY',
    `libvirt could not end the source (${reason.code}), so it was killed. Once libvirt is back it removes the sockets that it made for the domain: nobody can connect to them any more.`,
  );
  await m.host.signal(process, 'SIGKILL');
}

function refusalIn(error: unknown): LibvirtError {
  if (error instanceof LibvirtError) return error;
  throw error;
}

/** RAM files of ours that only the source had. */
function releasedRam(m: Migration): string[] {
  const replaced = m.targetCookie.ramMoves.map(({ from }) => from);
  return m.sourceCookie.domain.ownedPaths.filter((path) => replaced.includes(path));
}

/**
 * The kernel takes 200 ms to free each GiB of RAM, in whoever lets go of it last: not the source,
 * whose end we wait for, nor we, but a process of its own.
 */
async function removeInBackground(host: Host, paths: readonly string[]): Promise<void> {
  const removed = await host.run(['sh', '-c', 'rm -f -- "$@" >/dev/null 2>&1 &', 'sh', ...paths]);
  if (removed.status !== 0) throw new Error(removed.stderr.toString());
}

/** Waits for a sign that the source ends; one that does not come is brought about. */
async function orKill(m: Migration, sign: Promise<unknown>): Promise<void> {
  const { process } = m.sourceInstance;
  const timer = new AbortController();
  const ended = await Promise.race([
    sign.then(() => true),
    delay(quitTimeoutMs, false, { signal: timer.signal }),
  ]).finally(() => {
    timer.abort();
  });
  if (ended) return;
  await m.host.signal(process, 'SIGKILL');
  await sign;
}
