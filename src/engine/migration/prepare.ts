/** Prepare, at the target: an instance of its own, in the remote tables, waiting for the guest. */
import { readMigrationSettings } from '../evidence';
import { OutputWatch } from '../output-watch';
import { instancePaths } from '../plan/instance-paths';
import { targetFailed } from './failures';
import { inBackground, ramFileMoves, type Migration } from './migration';
import { planFor, refuse } from './planning';
import type { PhaseSteps } from './step-runner';
import { connectTarget, openChannel } from './target-steps';

export const prepare: PhaseSteps<Migration> = {
  phase: 'prepare',
  steps: [
    {
      name: 'claim-instance',
      async take(m) {
        const { domain, targetEmulator, nextId } = m.sourceCookie;
        const id = await m.state.claimInstanceId(nextId);
        const folder = m.state.instanceFolder(id);
        const paths = instancePaths(folder);
        const plan = planFor(m, id);
        refuse(m, plan);
        const instance = {
          id,
          uuid: domain.uuid,
          emulator: targetEmulator.path,
          monitor: paths.monitor,
        };
        m.targetCookie = { instance, paths, plan };
        await m.host.files([
          { op: 'mkdir', path: folder, exclusive: true },
          m.state.writeInstance(instance),
          m.state.writeDomain({
            ...domain,
            remote: id,
            // Should we be cut off, whoever ends the domain knows of the target's files.
            ownedPaths: [...domain.ownedPaths, ...ramFileMoves(plan).map(({ to }) => to)],
          }),
        ]);
        m.trace.add({ type: 'table', instance: id, to: 'remote' });
      },
      async undo(m) {
        const { source, target } = m.cookies;
        if (source === undefined || target === undefined) return;
        await m.host.files([
          { op: 'remove', path: m.state.instanceFolder(target.instance.id) },
          ...ramFileMoves(target.plan).map(({ to: path }) => ({ op: 'remove', path }) as const),
          // Last: where there was no space there is now.
          m.state.writeDomain(source.domain),
        ]);
        m.trace.add({ type: 'table', instance: target.instance.id, from: 'remote' });
      },
    },
    {
      name: 'start-target',
      async take(m) {
        const { instance, paths, plan } = m.targetCookie;
        const argv = [instance.emulator, ...plan.arguments.target];
        try {
          const process = await m.host.start({ argv, cwd: '/', outputPath: paths.output });
          m.targetOutput = new OutputWatch(m.host, paths.output, instance.id, m.trace);
          m.targetCookie = {
            ...m.targetCookie,
            instance: { ...instance, process: { ...process, argv: [...process.argv] } },
          };
          m.trace.add({
            type: 'process',
            instance: instance.id,
            edge: 'start',
            pid: process.pid,
            argv,
          });
        } catch (error) {
          throw await targetFailed(
            m,
            `The target QEMU (${instance.emulator}) cannot be started`,
            error,
          );
        }
        await m.host.files([m.state.writeInstance(m.targetCookie.instance)]);
        // Needed only in Perform; now, while the target starts, it costs nothing.
        m.sourceSettings = inBackground(readMigrationSettings(m.sourceMonitor));
      },
      async undo(m) {
        const process = m.cookies.target?.instance.process;
        if (process === undefined) return;
        await m.host.signal(process, 'SIGKILL');
        await m.host.waitForExit(process);
      },
    },
    { ...connectTarget, when: (m) => m.mode !== 'cpr-transfer' },
    { ...openChannel, when: (m) => m.mode !== 'cpr-transfer' },
  ],
};
