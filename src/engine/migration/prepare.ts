/** Prepare, at the target: an instance of its own, in the remote tables, waiting for the guest. */
import { HostError } from '../../host/errors';
import type { FileOperation } from '../../host/files';
import { readMigrationSettings } from '../evidence';
import { asUser } from '../domain/as-user';
import { giveDisks } from '../domain/give-disks';
import { addTaps, removeTaps } from '../domain/taps';
import { OutputWatch } from '../output-watch';
import { targetFailed } from './failures';
import { inBackground } from './background';
import { filesOfTarget, targetCookie } from './cookies';
import type { Migration } from './migration';
import { planFor, refuse } from './planning';
import type { PhaseSteps } from './step-runner';
import {
  connectTarget,
  connectToTarget,
  openChannel,
  waitForDescriptorChannel,
  writeTarget,
} from './target-steps';

export const prepare: PhaseSteps<Migration> = {
  phase: 'prepare',
  steps: [
    {
      name: 'start-target',
      async take(m) {
        const { domain } = m.sourceCookie;
        const { targetEmulator, nextId } = m.found;
        // Needed only in Perform; now it costs nothing.
        m.sourceSettings = inBackground(readMigrationSettings(m.sourceMonitor));
        // libvirt gives a block device in the /dev that it makes for its QEMU, not in the host's. And one
        // that was away when the domain left it takes the disks back once it is there again.
        await giveDisks(m.host, domain);
        await m.state.claimInstanceId(nextId, async (id, claim) => {
          const paths = m.state.instancePaths(id, domain);
          const plan = planFor(m, id);
          refuse(m, plan);
          const instance = {
            id,
            uuid: domain.uuid,
            emulator: targetEmulator.path,
            monitor: paths.monitor,
          };
          m.targetCookie = targetCookie(instance, plan);
          if (plan.taps.length > 0) {
            await m.host.files([
              m.journal.noteCookies({ source: m.sourceCookie, target: m.targetCookie }),
            ]);
            await addTaps(m.host, plan.taps, domain.runAs);
          }
          await start(m, plan.arguments.target, [
            m.journal.noteCookies({ source: m.sourceCookie, target: m.targetCookie }),
            claim,
            ...m.state.makeInstance(id, domain),
            m.state.writeInstance(instance),
            m.state.writeDomain({
              ...domain,
              remote: id,
              ownedTaps: [...(domain.ownedTaps ?? []), ...m.targetCookie.taps],
              // Should we be cut off, whoever ends the domain knows of the target's files.
              ownedPaths: [...domain.ownedPaths, ...filesOfTarget(m.targetCookie)],
            }),
          ]);
        });
        m.targetConnection = inBackground(connectToTarget(m));
        if (m.mode === 'cpr-transfer')
          m.descriptorChannel = inBackground(waitForDescriptorChannel(m));
        m.targetRecorded = inBackground(writeTarget(m));
      },
      async undo(m) {
        const { source, target } = m.cookies;
        if (source === undefined || target === undefined) return;
        const { id, process } = target.instance;
        if (process !== undefined) {
          await m.host.signal(process, 'SIGKILL');
          await m.host.waitForExit(process);
          m.trace.add({ type: 'process', instance: id, edge: 'exit', pid: process.pid });
        }
        await removeTaps(m.host, target.taps);
        // What still writes of it must not do so when its folder is gone.
        await m.targetRecorded?.catch(() => undefined);
        await m.host.files([
          m.journal.spending,
          ...m.state.removeInstance(id),
          ...filesOfTarget(target).map((path) => ({ op: 'remove', path }) as const),
          // Last: where there was no space there is now.
          m.state.writeDomain(source.domain),
        ]);
        m.trace.add({ type: 'table', instance: id, from: 'remote' });
      },
    },
    { ...connectTarget, when: (m) => m.mode !== 'cpr-transfer' },
    { ...openChannel, when: (m) => m.mode !== 'cpr-transfer' },
  ],
};

/** Puts the target in the remote tables and starts its process: one round trip. */
async function start(
  m: Migration,
  targetArguments: readonly string[],
  first: readonly FileOperation[],
): Promise<void> {
  const { instance } = m.targetCookie;
  const { id } = instance;
  const { output: outputPath } = m.targetPaths;
  const argv = asUser(m.domain.runAs, [instance.emulator, ...targetArguments]);
  const process = await m.host
    .start({ first, argv, cwd: '/', outputPath })
    .catch(async (error: unknown) => {
      if (isAbout(error, first)) throw error;
      throw await targetFailed(
        m,
        `The target QEMU (${instance.emulator}) cannot be started`,
        error,
      );
    });
  m.targetOutput = new OutputWatch(m.host, outputPath, id, m.trace);
  m.targetCookie = {
    ...m.targetCookie,
    instance: { ...instance, process: { ...process, argv: [...process.argv] } },
  };
  m.trace.add({ type: 'table', instance: id, to: 'remote' });
  m.trace.add({ type: 'process', instance: id, edge: 'start', pid: process.pid, argv });
}

/** Whether a file of these could not be dealt with, so that nothing was started. */
function isAbout(error: unknown, operations: readonly FileOperation[]): boolean {
  return (
    error instanceof HostError &&
    operations.some((each) => error.subject === (each.op === 'rename' ? each.from : each.path))
  );
}
