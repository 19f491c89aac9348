/** From a failure as it came up to its cause, once the guest is safe. */
import { dirname } from 'node:path/posix';
import type { EmulatorComparison } from '../plan/comparison';
import { isInHugePages } from '../plan/guest-ram';
import { diagnose } from '../diagnosis/diagnose';
import type { FailureEvidence } from '../diagnosis/diagnosis';
import type { SidestepError } from '../errors';
import type { FailedTarget, Migration } from './migration';

/** What says only that something failed. */
const undiagnosed: ReadonlySet<string> = new Set([
  ...['TARGET_FAILED', 'TARGET_LOST', 'TARGET_NOT_RUNNING', 'MIGRATION_FAILED'],
]);

/** The failure by its cause, where that can be told; else as it is. */
export function diagnosed(m: Migration, failure: SidestepError): SidestepError {
  if (!undiagnosed.has(failure.code) || m.failed === undefined) return failure;
  const diagnosis = diagnose(evidenceOf(m, m.failed));
  return diagnosis === undefined ? failure : failure.as(diagnosis);
}

function evidenceOf(m: Migration, { output, hasEnded, exit }: FailedTarget): FailureEvidence {
  const { id, emulator } = m.targetCookie.instance;
  const resources = m.planned?.plan.resources ?? [];
  const copied = m.cookies.target?.ramMoves[0]?.to;
  return {
    ram: {
      isInHugePages: isInHugePages(m.planned?.plan.arguments.target ?? []),
      folder: copied && dirname(copied),
    },
    instance: {
      name: `The target (instance ${id})`,
      emulator,
      ...{ output, hasEnded, exit },
    },
    sourceError: m.sourceError,
    unknownSubsections: unknownSubsections(m.found.comparison),
    kindOf: (path) => resources.find(({ source, target }) => [source, target].includes(path))?.kind,
  };
}

function unknownSubsections(comparison: EmulatorComparison | undefined): string[] {
  const differences = Object.values(comparison?.states ?? {}).flat();
  return differences.flatMap(({ kind, detail }) => (kind === 'subsection' ? detail : []));
}
