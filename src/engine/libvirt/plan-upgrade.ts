/** What the live upgrade of a domain of libvirt's would do, with nothing done. */
import type { EmulatorCatalog } from '../emulators/catalog';
import { dryRun } from '../migration/dry-run';
import type { Plan } from '../plan/plan';
import type { StateFolder } from '../state/state-folder';
import { examineDomain, type LibvirtDomain } from './examine';
import { placeOf } from './take-in';
import type { UpgradeRequest } from './upgrade';

/** Of the first hop; the blockers are those of both. @throws SidestepError, LibvirtError */
export async function planUpgrade(
  state: StateFolder,
  emulators: EmulatorCatalog,
  from: LibvirtDomain,
  { emulator, mode, stay }: UpgradeRequest,
  signal?: AbortSignal,
): Promise<Plan> {
  const back = stay ? undefined : { emulator };
  const domain = await examineDomain(
    state,
    { ...from, back },
    // Other files are to be looked at where they are.
    (own, uuid) => (own.what === 'socket' ? placeOf(own, uuid, state.homeFolder(uuid)) : own.path),
    signal,
  );
  const { uuid, process, findings } = domain;
  const instance = {
    ...{ id: 0, uuid, monitor: '', libvirt: from.uri },
    ...{ emulator: domain.emulator, process },
  };
  const request = {
    domain: { ...domain, libvirt: { uri: from.uri, xml: domain.image } },
    instance,
    emulator,
    mode,
    handedBack: !stay,
  };
  const plan = await dryRun(state, emulators, request, signal);
  const found = new Set(findings.map(({ code }) => code));
  const others = plan.blockers.filter(({ code }) => !found.has(code));
  return { ...plan, blockers: [...findings, ...others] };
}
