/**
 * A running domain of libvirt's gets another QEMU and stays libvirt's: two hops, in one trace. The
 * first takes it onto an instance of the engine's, the second hands it back.
 */
import { continuedOn } from '../../libvirt/domain-xml';
import { SidestepError } from '../errors';
import type { EmulatorCatalog } from '../emulators/catalog';
import { handBack, type HandbackReport } from '../handback/hand-back';
import { findSource } from '../migration/find-source';
import { move, type MigrateOptions, type MigrationReport } from '../migration/migrate';
import type { MigrationRequest } from '../migration/migration';
import { traced, type Traced } from '../migration/traced';
import type { Domain, StartedInstance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import type { LibvirtDomain } from './examine';
import { takeIn } from './take-in';

export interface UpgradeRequest extends Omit<MigrationRequest, 'domain'> {
  /** Between the hops: the domain is the engine's from then on. */
  readonly stay: boolean;
}

export interface UpgradeReport {
  readonly away: MigrationReport;
  /** Undefined if it was to stay. */
  readonly back: HandbackReport | undefined;
}

/** @throws SidestepError, with `details.outcome` saying where the guest is; LibvirtError */
export async function upgrade(
  state: StateFolder,
  emulators: EmulatorCatalog,
  from: LibvirtDomain,
  { stay, ...request }: UpgradeRequest,
  options: MigrateOptions = {},
): Promise<UpgradeReport> {
  const startedAt = state.host.now();
  const back = stay ? undefined : { emulator: request.emulator };
  const { domain, instance, claim } = await takeIn(state, { ...from, back }, options.signal);
  return traced(state, { domain, instance, startedAt }, options, async (whole) => {
    const away = await hop(whole, (traced) =>
      move(
        traced,
        {
          ...{ state, emulators, domain, sourceInstance: instance, claim },
          request: { ...request, domain: domain.uuid },
        },
        options.beforeStep,
      ),
    );
    if (stay) return { away, back: undefined };
    const now = await findSource(state, domain.uuid);
    const back = await hop(whole, (traced) =>
      handBack(traced, { state, emulators }, handbackOf(now), options.beforeStep),
    );
    return { away, back };
  });
}

/** Hands a domain that libvirt has had back to it, on the emulator that it runs on now. */
export async function handBackDomain(
  state: StateFolder,
  emulators: EmulatorCatalog,
  nameOrUuid: string,
  options: MigrateOptions = {},
): Promise<HandbackReport> {
  const startedAt = state.host.now();
  const found = await findSource(state, nameOrUuid);
  const request = handbackOf(found);
  return traced(state, { ...found, startedAt }, options, (traced) =>
    handBack(traced, { state, emulators }, request, options.beforeStep),
  );
}

function handbackOf({ domain, instance }: { domain: Domain; instance: StartedInstance }) {
  if (domain.libvirt === undefined) {
    throw new SidestepError(
      'NOT_LIBVIRTS',
      `Domain "${domain.name}" did not come from a libvirt, so nothing is known of how libvirt would run it.`,
      { outcome: 'refused' },
    );
  }
  const { uri, xml } = domain.libvirt;
  return {
    ...{ domain, sourceInstance: instance, uri },
    xml: continuedOn(xml, instance.emulator),
  };
}

/** Part of a trace: what it holds is let go of at its own end, and its figures are its own. */
async function hop<T>(whole: Traced, body: (traced: Traced) => Promise<T>): Promise<T> {
  const closing: (() => Promise<void>)[] = [];
  const before = whole.records().length;
  try {
    return await body({
      ...whole,
      records: () => whole.records().slice(before),
      atEnd: (close) => closing.push(close),
    });
  } finally {
    await Promise.all(closing.map((close) => close()));
  }
}
