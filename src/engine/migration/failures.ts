/** What went wrong in a migration, in the user's words. */
import { setTimeout as delay } from 'node:timers/promises';
import { HostError } from '../../host/errors';
import type { ProcessIdentity } from '../../host/process';
import { QmpError } from '../../qemu/qmp/errors';
import { notExecutable } from '../diagnosis/said/start';
import { endingMs, endsWithin } from '../ends-within';
import { asSidestepError, SidestepError } from '../errors';
import { isAlive } from '../is-alive';
import { reasonIn } from '../output-watch';
import { byAnotherClient, cancelledElsewhere } from './cancelled-elsewhere';
import type { FailedTarget, Migration } from './migration';
import { throwIfCancelled } from './step-runner';

/** An error as it came up, in the words of whichever side it is that no longer answers. */
export async function explain(m: Migration, error: unknown): Promise<unknown> {
  if (isCancel(error) && m.signal.aborted) return m.signal.reason;
  return (await foreignCancel(m, error)) ?? explainOwn(m, error);
}

/** Another client's cancel shows in many ways, and most of them look like a failure. */
async function foreignCancel(m: Migration, error: unknown): Promise<SidestepError | undefined> {
  const target = m.cookies.target?.instance.id;
  if (!m.migrateSent || target === undefined || isHostLost(error) || m.signal.aborted)
    return undefined;
  return cancelledElsewhere(m.host, m.state.instanceFolder(target), m.sourceInstance.id);
}

async function explainOwn(m: Migration, error: unknown): Promise<unknown> {
  if (!(error instanceof QmpError)) return m.state.explain(error);
  if (m.source?.client.isOpen === false) return sourceLost(m, error);
  const process = m.cookies.target?.instance.process;
  if (process === undefined) return error;
  return (await hasTargetEnded(m, process, error)) ? targetLost(m, error) : error;
}

/** Whether the connection to the host is gone, and with it all that could be known or done. */
export function isHostLost(error: unknown): boolean {
  return error instanceof HostError && error.code === 'DISCONNECTED';
}

/** Why the source's monitor does not do what it should. */
export function sourceLost(m: Migration, cause: unknown): unknown {
  if (isCancel(cause)) return cause;
  const { id, monitor, process } = m.sourceInstance;
  if (cause instanceof QmpError && cause.code === 'MONITOR_BUSY') {
    return new SidestepError(
      'MONITOR_BUSY',
      `The monitor of instance ${id} (${monitor}) does not greet: another client holds it, or QEMU is stopped.`,
      { instance: id, path: monitor, hint: 'Disconnect the other client and try again.', cause },
    );
  }
  return new SidestepError(
    'SOURCE_UNREACHABLE',
    `The monitor of instance ${id} (pid ${process.pid}) cannot be reached at ${monitor}: ${messageOf(cause)}`,
    {
      instance: id,
      path: monitor,
      hint: 'If that QEMU has ended, `sidestep list` shows it and `sidestep destroy` removes it.',
      cause,
    },
  );
}

/** The target did not come up, or ended before it could take the guest; with its last words. */
export async function targetFailed(m: Migration, what: string, cause: unknown): Promise<unknown> {
  if (isCancel(cause)) return cause;
  const { id, emulator } = m.targetCookie.instance;
  if (cause instanceof HostError && cause.code === 'PERMISSION_DENIED') {
    const { code, message, hint } = notExecutable(emulator);
    return new SidestepError(code, message, { instance: id, path: emulator, hint, cause });
  }
  const { output, hasEnded, exit } = await lookAtTarget(m, cause);
  const happened = hasEnded
    ? `The target QEMU (${emulator}) ended before it could take the guest`
    : `${what}: ${messageOf(cause)}`;
  return new SidestepError('TARGET_FAILED', `${sentence(happened)}${quoted(output)}`, {
    instance: id,
    path: emulator,
    output,
    ...(exit && { exit }),
    cause,
  });
}

/** The target's process has ended, with its last words. */
export async function targetLost(m: Migration, cause?: unknown): Promise<SidestepError> {
  const { output, exit } = await lookAtTarget(m, cause);
  const { id } = m.targetCookie.instance;
  return new SidestepError(
    'TARGET_LOST',
    `The target (instance ${id}) ended during the migration.${quoted(output)}`,
    { instance: id, output, ...(exit && { exit }), cause },
  );
}

/** The target has all of the guest, and does not run it. */
export async function targetNotRunning(m: Migration, cause: unknown): Promise<SidestepError> {
  const { output } = await lookAtTarget(m, cause);
  const { id } = m.targetCookie.instance;
  return new SidestepError(
    'TARGET_NOT_RUNNING',
    `The guest arrived at instance ${id}, which does not run it: ${messageOf(cause)}.`,
    { instance: id, output, cause },
  );
}

function quoted(output: string): string {
  return output === '' ? '' : ` It said: ${sentence(reasonIn(output))}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** QEMU ended the migration otherwise than completed. */
export async function migrationFailed(
  m: Migration,
  status: string,
  desc: string | undefined,
): Promise<SidestepError> {
  throwIfCancelled(m.signal);
  m.sourceError = desc;
  const { instance } = m.sourceCookie;
  if (status === 'cancelled') {
    return byAnotherClient(instance.id);
  }
  if (await targetEnds(m)) return targetLost(m);
  const { output } = await lookAtTarget(m);
  const why = desc ?? (output === '' ? undefined : reasonIn(output));
  return new SidestepError(
    'MIGRATION_FAILED',
    sentence(
      `QEMU ended the migration of instance ${instance.id} as "${status}"${why === undefined ? '' : `: ${why}`}`,
    ),
    { instance: instance.id, output },
  );
}

/** How long a target may take to be seen to end after the channel broke: the guest waits meanwhile, in ms. */
const goneMs = 100;

/** In postcopy, once the guest runs at the target: the channel, or the target itself, is gone. */
export async function channelBroken(m: Migration): Promise<SidestepError> {
  if (await targetEnds(m, goneMs)) return targetLost(m);
  const { sourceInstance, targetCookie } = m;
  const { id } = targetCookie.instance;
  return new SidestepError(
    'CHANNEL_BROKEN',
    `The channel between instance ${sourceInstance.id} and instance ${id} broke while the guest's RAM followed it.`,
    { instance: id },
  );
}

/** A target that cannot load what it gets says so and ends, often a moment after the source knows. */
async function targetEnds({ target }: Migration, withinMs = endingMs): Promise<boolean> {
  if (target === undefined) return false;
  const timer = new AbortController();
  return Promise.race([
    target.client.closed.then(() => true),
    delay(withinMs, false, { signal: timer.signal }),
  ]).finally(() => {
    timer.abort();
  });
}

/** What can be seen of the target, before anything is done about it. */
async function lookAtTarget(m: Migration, cause?: unknown): Promise<FailedTarget> {
  const { process } = m.targetCookie.instance;
  const hasEnded = process !== undefined && (await hasTargetEnded(m, process, cause));
  const [output = '', exit] = await Promise.all([
    m.targetOutput?.lastWords(),
    hasEnded ? m.host.waitForExit(process) : undefined,
  ]);
  return (m.failed = { output, hasEnded, exit });
}

/** A monitor that closes is the first sign of an end, and the last words come after it. */
async function hasTargetEnded(
  { host, target }: Migration,
  process: ProcessIdentity,
  cause: unknown,
): Promise<boolean> {
  const isEnding =
    target?.client.isOpen === false || (cause instanceof QmpError && cause.code === 'CLOSED');
  return isEnding ? endsWithin(host, process, endingMs) : !(await isAlive(host, process));
}

export function isCancel(error: unknown): boolean {
  return (error instanceof HostError || error instanceof QmpError) && error.code === 'CANCELLED';
}

export function messageOf(error: unknown): string {
  return asSidestepError(error).message;
}
