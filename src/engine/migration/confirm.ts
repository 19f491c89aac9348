/**
 * Confirm, at the source: it quits, the target moves from the remote tables to the source tables,
 * and takes over the addresses that are free now.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { TakeBack } from '../plan/plan';
import { inBackground } from './background';
import { messageOf, targetLost } from './failures';
import { ramFileMoves, type Migration } from './migration';
import type { PhaseSteps } from './step-runner';

/** How long a QEMU in postmigrate may take to quit before it is killed, in ms. */
const quitTimeoutMs = 10_000;

export const confirm: PhaseSteps<Migration> = {
  phase: 'confirm',
  steps: [
    {
      name: 'quit-source',
      async take(m) {
        // The source is the last to have the guest if the target has ended meanwhile.
        if (!m.targetMonitor.client.isOpen) throw await targetLost(m);
        // The final counts for whoever reads the trace, in the same round trip.
        m.source?.queryMigration().catch(() => undefined);
        // Whatever the monitor answers, what counts is that the process ends (`clear-source`).
        m.source?.client.execute('quit').catch(() => undefined);
        m.sourceExited = inBackground(m.host.waitForExit(m.sourceInstance.process));
      },
    },
    {
      name: 'move-tables',
      async take(m) {
        const { plan, instance } = m.targetCookie;
        const { domain } = m.sourceCookie;
        const ram = ramFileMoves(plan);
        const released = releasedRam(m);
        const kept = domain.ownedPaths.filter((path) => !released.includes(path));
        await m.host.files([
          m.state.writeDomain({
            uuid: domain.uuid,
            name: domain.name,
            definition: [...plan.definition],
            source: instance.id,
            takenSockets: plan.takeBacks.flatMap((each) =>
              each.by === 'rename' ? [each.to, each.from] : [],
            ),
            ownedPaths: [...kept, ...ram.map(({ to }) => to)],
          }),
          { op: 'remove', path: m.state.instanceFolder(domain.source) },
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
        const released = releasedRam(m).map((path) => ({ op: 'remove', path }) as const);
        await Promise.all([
          exited,
          m.targetRecorded,
          released.length > 0 ? m.host.files(released) : undefined,
        ]);
      },
    },
    {
      name: 'take-back',
      when: (m) => m.targetCookie.plan.takeBacks.length > 0,
      async take(m) {
        // Independent of each other, so all at once; one that fails leaves the others theirs.
        m.takenBack.push(
          ...(await Promise.all(
            m.targetCookie.plan.takeBacks.map(async (takeBack) => {
              const error = await takeOver(m, takeBack).then(() => undefined, messageOf);
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

/** RAM files of ours that only the source had. */
function releasedRam(m: Migration): string[] {
  const replaced = ramFileMoves(m.targetCookie.plan).map(({ from }) => from);
  return m.sourceCookie.domain.ownedPaths.filter((path) => replaced.includes(path));
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

async function takeOver(m: Migration, takeBack: TakeBack): Promise<void> {
  switch (takeBack.by) {
    case 'rename':
      await m.host.files([{ op: 'rename', from: takeBack.from, to: takeBack.to }]);
      return;
    case 'qmp':
      await m.targetMonitor.client.execute(takeBack.command, takeBack.arguments);
      return;
    case 'hmp': {
      const printed = await m.targetMonitor.client.execute('human-monitor-command', {
        'command-line': takeBack.commandLine,
      });
      // The human monitor has no errors, only what it prints.
      const said = typeof printed === 'string' ? printed.trim() : '';
      const isSuccess = takeBack.success !== undefined && said.startsWith(takeBack.success);
      if (said !== '' && !isSuccess) throw new Error(said.replaceAll(/\s*\n\s*/g, '; '));
    }
  }
}
