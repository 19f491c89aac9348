/** The plan of a migration under way, and what of the source's state speaks against beginning. */
import { SidestepError } from '../errors';
import { makePlan } from '../plan/make-plan';
import type { Finding, Plan } from '../plan/plan';
import type { Findings, Migration } from './migration';

/** Run states a guest can be moved in and come out the same. */
const movableRunStates = new Set(['running', 'paused']);
const idleMigrationStates = new Set([undefined, 'none', 'completed', 'failed', 'cancelled']);

/** The plan for a target of this id; made once, unless another client got that id first. */
export function planFor(m: Migration, id: number): Plan {
  if (m.planned?.id === id) return m.planned.plan;
  const { domain } = m.sourceCookie;
  const { emulator, targetEmulator, comparison, evidence } = m.found;
  const plan = makePlan({
    definition: domain.definition,
    source: { emulator, evidence },
    target: { emulator: targetEmulator, directory: m.state.qemuFolder(id, domain) },
    comparison,
    mode: m.request.mode,
    handedBack: m.handedBack,
  });
  m.planned = { id, plan };
  return plan;
}

/** @throws SidestepError `REFUSED`, with all reasons */
export function refuse(m: Migration, plan: Plan): void {
  const { domain, instance } = m.sourceCookie;
  const findings = [...stateBlockers(m.found), ...plan.blockers];
  if (findings.length === 0) return;
  throw new SidestepError(
    'REFUSED',
    `Domain "${domain.name}" cannot be moved: ${findings.map(({ code, message }) => `${message} [${code}]`).join(' ')}`,
    {
      instance: instance.id,
      outcome: 'refused',
      findings,
      hint: [...findings.flatMap(({ hint }) => hint ?? []), 'Nothing was started.'].join(' '),
    },
  );
}

export function stateBlockers({
  runState,
  migrationStatus,
}: Pick<Findings, 'runState' | 'migrationStatus'>): Finding[] {
  const blockers: Finding[] = [];
  if (!movableRunStates.has(runState)) {
    blockers.push({
      code: 'RUN_STATE',
      message: `The machine is in state "${runState}"; only one that is running or paused can be moved.`,
      hint: 'Bring it to one of them: `cont`, or `stop`, at its monitor.',
    });
  }
  if (!idleMigrationStates.has(migrationStatus)) {
    blockers.push({
      code: 'MIGRATION_UNDER_WAY',
      message: `QEMU is already migrating this machine (${String(migrationStatus)}), and it was not Sidestep that began it.`,
      hint: 'Wait until that is over, or end it (`migrate_cancel`) at its monitor.',
    });
  }
  return blockers;
}
