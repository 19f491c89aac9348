/** What a migration would do, with nothing done. */
import type { EmulatorCatalog } from '../emulators/catalog';
import { examineSource } from '../evidence';
import { InstanceMonitor, type MonitoredInstance } from '../instance-monitor';
import type { Mode } from '../mode';
import { makePlan } from '../plan/make-plan';
import type { Plan } from '../plan/plan';
import type { DomainToMove } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { untraced } from '../trace/trace';
import { stateBlockers } from './planning';

export interface DryRunRequest {
  readonly domain: DomainToMove;
  readonly instance: MonitoredInstance & {
    readonly emulator: string;
    readonly process: { readonly pid: number };
  };
  /** The target's; the source's own if not given. */
  readonly emulator: string | undefined;
  readonly mode: Mode | 'auto';
  readonly handedBack?: boolean;
}

/** @throws SidestepError, QmpError, HostError */
export async function dryRun(
  state: StateFolder,
  emulators: EmulatorCatalog,
  { domain, instance, emulator: target = instance.emulator, mode, handedBack }: DryRunRequest,
  signal?: AbortSignal,
): Promise<Plan> {
  const { host } = state;
  const [emulator, targetEmulator] = await emulators.describe([instance.emulator, target], signal);
  const monitor = await InstanceMonitor.connect(host, instance, untraced(host), {
    ...(signal && { signal }),
  });
  try {
    const { pid } = instance.process;
    const { definition } = domain;
    const [examination, nextId, comparison] = await Promise.all([
      examineSource(host, { monitor, pid, emulator, domain }, signal),
      state.nextInstanceId(),
      emulators.compare(emulator, targetEmulator, definition, signal),
    ]);
    const plan = makePlan({
      definition,
      source: { emulator, evidence: examination.evidence },
      target: { emulator: targetEmulator, directory: state.qemuFolder(nextId, domain) },
      comparison,
      mode,
      handedBack,
    });
    return { ...plan, blockers: [...stateBlockers(examination), ...plan.blockers] };
  } finally {
    monitor.close();
  }
}
