/**
 * Two steps that come at different times: a target on `cpr-transfer` answers no QMP until the
 * source has handed its descriptors over, so they belong to Perform there and to Prepare otherwise.
 */
import type { StartedInstance } from '../state/records';
import { InstanceMonitor } from '../instance-monitor';
import { SidestepError } from '../errors';
import { findMappedFiles } from '../evidence';
import { sharedRamFiles } from '../plan/guest-ram';
import { capabilitiesFor, setCapabilities } from './channel';
import { targetFailed } from './failures';
import { inBackground } from './background';
import type { Migration } from './migration';
import type { Step } from './step-runner';

/** The target's process, once it is started. */
export function startedTarget(m: Migration): StartedInstance {
  const { instance } = m.targetCookie;
  if (instance.process === undefined)
    throw new SidestepError('INTERNAL', 'The target has no process.');
  return { ...instance, process: instance.process };
}

/** Waits on the host until the target's monitor listens, and on `cpr-transfer` for its descriptors. */
export function connectToTarget(m: Migration): Promise<InstanceMonitor> {
  const target = startedTarget(m);
  return InstanceMonitor.connect(m.host, target, m.trace, {
    signal: AbortSignal.any([m.signal, m.over.signal]),
    waitFor: target.process,
    runState: 'inmigrate',
    greetingTimeoutMs: Infinity,
  });
}

export const connectTarget: Step<Migration> = {
  name: 'connect-target',
  async take(m) {
    const target = startedTarget(m);
    try {
      m.target = await m.targetConnection;
    } catch (error) {
      throw await targetFailed(m, `The target QEMU (${target.emulator}) did not come up`, error);
    }
    m.targetRecorded = inBackground(recordProcess(m, m.targetRecorded));
    const { version } = m.targetMonitor.client.greeting;
    if (version === m.found.targetEmulator.version) return;
    throw new SidestepError(
      'EMULATOR_CHANGED',
      `${target.emulator} is QEMU ${version} now; it was ${m.found.targetEmulator.version} when it was asked what it can do.`,
      { path: target.emulator, hint: 'Run `sidestep emulators --refresh` and try again.' },
    );
  },
};

/** What is known of the target, for whoever comes after us. */
export async function writeTarget(m: Migration): Promise<void> {
  await m.host.files([m.state.writeInstance(m.targetCookie.instance)]);
}

/** Only now is the command line QEMU's own: a wrapper script has become QEMU by now. */
async function recordProcess(m: Migration, before: Promise<void> | undefined): Promise<void> {
  const target = startedTarget(m);
  const [[facts]] = await Promise.all([m.host.inspect([target.process.pid]), before]);
  const instance = {
    ...target,
    version: m.targetMonitor.client.greeting.version,
    process: facts === undefined ? target.process : { ...target.process, argv: [...facts.argv] },
  };
  m.targetCookie = { ...m.targetCookie, instance };
  await writeTarget(m);
}

export const openChannel: Step<Migration> = {
  name: 'open-channel',
  /** Does not wait for the target's answer: what comes next on the source's side does not need it. */
  async take(m) {
    m.channelOpened = true;
    m.channelReady = inBackground(openChannelOf(m));
    return Promise.resolve();
  },
};

async function openChannelOf(m: Migration): Promise<void> {
  const { client } = m.targetMonitor;
  const { signal } = m;
  const capabilities = setCapabilities(capabilitiesFor(m.mode), new Set());
  try {
    await Promise.all([
      client.execute('migrate-set-capabilities', capabilities, { signal }),
      client.execute('migrate-incoming', { uri: `unix:${m.targetPaths.migration}` }, { signal }),
    ]);
    if (m.mode === 'ignore-shared') await makeSureOfRam(m);
  } catch (error) {
    if (error instanceof SidestepError) throw error;
    throw await targetFailed(m, 'The target does not open the migration channel', error);
  }
}

/** What is not copied must be the same at both: a path may lead a target to another file. */
async function makeSureOfRam(m: Migration): Promise<void> {
  const { instance, definition } = m.targetCookie;
  const paths = sharedRamFiles(definition);
  const mapped = await findMappedFiles(m.host, startedTarget(m).process.pid, paths);
  const path = paths.find((each) => !mapped.has(each));
  if (path === undefined) return;
  throw new SidestepError(
    'RAM_FILE_DIFFERS',
    `The target (instance ${instance.id}) does not map the file ${path} that holds the guest's RAM at the source.`,
    {
      instance: instance.id,
      path,
      hint: `Look whether ${instance.emulator} changes mem-path, or sees other files (a container, a chroot); or migrate with --mode precopy.`,
    },
  );
}

/** Of a target that waits for the source's descriptors: what it listens on takes one connection only. */
export function waitForDescriptorChannel(m: Migration): Promise<void> {
  return m.host.waitForListener(m.targetPaths.cpr, {
    waitFor: startedTarget(m).process,
    signal: AbortSignal.any([m.signal, m.over.signal]),
  });
}

export const awaitDescriptorChannel: Step<Migration> = {
  name: 'await-descriptor-channel',
  async take(m) {
    const target = startedTarget(m);
    try {
      await m.descriptorChannel;
    } catch (error) {
      throw await targetFailed(m, `The target QEMU (${target.emulator}) did not come up`, error);
    }
  },
};
