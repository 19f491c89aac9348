/**
 * Confirm, at the source: it quits, the target moves from the remote tables to the source tables,
 * and takes over the addresses that are free now.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { TakeBack } from '../plan/plan';
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
        const { process } = m.sourceInstance;
        // Whatever the monitor says, what counts is that the process ends.
        m.source?.client.execute('quit').catch(() => undefined);
        const timer = new AbortController();
        const exited = await Promise.race([
          m.host.waitForExit(process, timer.signal).then(() => true),
          delay(m.source?.client.isOpen === true ? quitTimeoutMs : 0, false, {
            signal: timer.signal,
          }),
        ]).finally(() => {
          timer.abort();
        });
        if (!exited) {
          await m.host.signal(process, 'SIGKILL');
          await m.host.waitForExit(process);
        }
        const { id } = m.sourceInstance;
        m.trace.add({ type: 'process', instance: id, edge: 'exit', pid: process.pid });
      },
    },
    {
      name: 'move-tables',
      async take(m) {
        const { plan, instance } = m.targetCookie;
        const { domain } = m.sourceCookie;
        const ram = ramFileMoves(plan);
        const released = domain.ownedPaths.filter((path) => ram.some(({ from }) => from === path));
        const kept = domain.ownedPaths.filter((path) => !released.includes(path));
        await m.host.files([
          m.state.writeDomain({
            uuid: domain.uuid,
            name: domain.name,
            definition: [...plan.definition],
            source: instance.id,
            ownedPaths: [...kept, ...ram.map(({ to }) => to)],
          }),
          { op: 'remove', path: m.state.instanceFolder(domain.source) },
          ...released.map((path) => ({ op: 'remove', path }) as const),
        ]);
        m.trace.add({ type: 'table', instance: domain.source, from: 'source' });
        m.trace.add({ type: 'table', instance: instance.id, from: 'remote', to: 'source' });
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
      if (said !== '' && !isSuccess) throw new Error(said);
    }
  }
}
