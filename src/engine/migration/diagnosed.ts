/** From a failure as it came up to its cause, once the guest is safe. */
import { dirname } from 'node:path/posix';
import type { EmulatorComparison } from '../plan/comparison';
import { isInHugePages } from '../plan/guest-ram';
import { diagnose } from '../diagnosis/diagnose';
import { evidenceOf, type Diagnosis, type FailureEvidence } from '../diagnosis/diagnosis';
import { killedForMemory, wordsOfDenial } from '../diagnosis/host';
import { nothingLogged, type HostLog } from '../diagnosis/host-log/host-log';
import { readHostLog } from '../diagnosis/host-log/read';
import { isAlive } from '../is-alive';
import type { SidestepError } from '../errors';
import type { FailedTarget, Migration } from './migration';

/** What says only that something failed. */
const undiagnosed: ReadonlySet<string> = new Set([
  ...['TARGET_FAILED', 'TARGET_LOST', 'TARGET_NOT_RUNNING', 'MIGRATION_FAILED'],
]);

/** The failure by its cause, where that can be told; else as it is. */
export async function diagnosed(m: Migration, failure: SidestepError): Promise<SidestepError> {
  if (failure.code === 'SOURCE_UNREACHABLE') return sourceKilled(m, failure);
  if (failure.code === 'TIMEOUT' && m.unconverging !== undefined)
    return timedOut(m.unconverging, failure);
  if (!undiagnosed.has(failure.code) || m.failed === undefined) return failure;
  const diagnosis = diagnose(evidenceOfTarget(m, m.failed, await logOf(m, m.failed)));
  return diagnosis === undefined ? failure : failure.as(diagnosis);
}

/** Asked for only where the host may have had a hand in it: it takes a while. */
async function logOf(m: Migration, { output, hasEnded, exit }: FailedTarget): Promise<HostLog> {
  const { process } = m.targetCookie.instance;
  const wasKilled = hasEnded && (exit === undefined || exit.status !== 1);
  return process !== undefined && (wasKilled || wordsOfDenial.test(output))
    ? readHostLog(m.host, process)
    : nothingLogged;
}

/** More time would not have helped. */
function timedOut({ code, message, hint }: Diagnosis, timeout: SidestepError): SidestepError {
  return timeout.as({ code, message: `${timeout.message} ${message}`, hint });
}

/** A source that takes most of the memory is what the kernel kills first. */
async function sourceKilled(m: Migration, failure: SidestepError): Promise<SidestepError> {
  const { id, emulator, process } = m.sourceInstance;
  if (await isAlive(m.host, process)) return failure;
  const name = `The source (instance ${id})`;
  const instance = { name, emulator, output: '', hasEnded: true, exit: undefined };
  const log = await readHostLog(m.host, process);
  const diagnosis = killedForMemory({ ...evidenceOf(instance), log });
  return diagnosis === undefined ? failure : failure.as(diagnosis);
}

function evidenceOfTarget(
  m: Migration,
  { output, hasEnded, exit }: FailedTarget,
  log: HostLog,
): FailureEvidence {
  const { id, emulator } = m.targetCookie.instance;
  const resources = m.planned?.plan.resources ?? [];
  const copied = m.cookies.target?.ramMoves[0]?.to;
  const name = `The target (instance ${id})`;
  return {
    ...evidenceOf({ name, emulator, output, hasEnded, exit }),
    sourceError: m.sourceError,
    ram: {
      isInHugePages: isInHugePages(m.planned?.plan.arguments.target ?? []),
      folder: copied && dirname(copied),
    },
    log,
    unknownSubsections: unknownSubsections(m.found.comparison),
    kindOf: (path) => resources.find(({ source, target }) => [source, target].includes(path))?.kind,
  };
}

function unknownSubsections(comparison: EmulatorComparison | undefined): string[] {
  const differences = Object.values(comparison?.states ?? {}).flat();
  return differences.flatMap(({ kind, detail }) => (kind === 'subsection' ? detail : []));
}
