/**
 * A running domain of libvirt's gets another QEMU and stays libvirt's: two hops, in one trace. The
 * first takes it onto an instance of the engine's, the second hands it back.
 */
import { continuedOn, readDomainXml } from '../../libvirt/domain-xml';
import { redefineEmulator } from '../../libvirt/redefine';
import { Virsh } from '../../libvirt/virsh';
import { asSidestepError, SidestepError } from '../errors';
import type { EmulatorCatalog } from '../emulators/catalog';
import { handBack, type HandbackReport } from '../handback/hand-back';
import { messageOf } from '../migration/failures';
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
  /** Whether its persistent definition gets the new emulator too. */
  readonly redefine?: boolean;
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
  { stay, redefine = false, ...request }: UpgradeRequest,
  options: MigrateOptions = {},
): Promise<UpgradeReport> {
  const startedAt = state.host.now();
  const back = stay ? undefined : { emulator: request.emulator };
  const { signal, closing } = options;
  const ends = [signal, closing].filter((each) => each !== undefined);
  const { domain, instance, claim } = await takeIn(
    state,
    { ...from, back },
    AbortSignal.any(ends),
  ).catch((error: unknown) => {
    const failure = asSidestepError(error);
    throw failure.with({ outcome: failure.details.outcome ?? 'refused' });
  });
  return traced(state, { domain, instance, startedAt }, options, async (whole) => {
    const away = await hop(whole, (traced) =>
      move(
        traced,
        {
          ...{ state, emulators, domain, sourceInstance: instance, claim, handedBack: !stay },
          request: { ...request, domain: domain.uuid },
        },
        options.beforeStep,
      ),
    );
    if (stay) return { away, back: undefined };
    const now = await findSource(state, domain.uuid);
    const back = await hop(whole, (traced) =>
      handBack(traced, { state, emulators }, handbackOf(now), options.beforeStep),
    ).catch((error: unknown) => {
      throw notBack(asSidestepError(error), now.instance);
    });
    if (redefine) await redefineOrWarn(state, back, now.instance.emulator, whole);
    return { away, back };
  });
}

/** It has left libvirt by then, whatever came of the way back. */
function notBack(failure: SidestepError, { id }: StartedInstance): SidestepError {
  if (failure.details.outcome !== 'refused') return failure;
  return failure.with({
    outcome: 'stayed',
    hint: `The guest runs on at instance ${id}, and can be handed back again.`,
  });
}

/** The guest is where it is to be: what comes after is no failure of the migration. */
async function redefineOrWarn(
  { host }: StateFolder,
  { domain, uri }: HandbackReport,
  emulator: string,
  { trace }: Traced,
): Promise<void> {
  try {
    await redefineEmulator(new Virsh(host, uri), domain.uuid, emulator);
  } catch (error) {
    trace.add({
      type: 'warning',
      code: 'NOT_REDEFINED',
      message: `The persistent definition of "${domain.name}" still has the old emulator: ${messageOf(error)}`,
    });
  }
}

/** How libvirt is to have a domain, if not as it had it before. */
export interface HandbackWish {
  /** Of its connection: `qemu:///system`. */
  readonly uri?: string | undefined;
  /** Its XML, for a domain that did not come from libvirt: with the devices that it has. */
  readonly xml?: string | undefined;
}

/** Hands a domain to libvirt, on the emulator that it runs on now. */
export async function handBackDomain(
  state: StateFolder,
  emulators: EmulatorCatalog,
  nameOrUuid: string,
  wish: HandbackWish,
  options: MigrateOptions = {},
): Promise<HandbackReport> {
  const startedAt = state.host.now();
  const found = await findSource(state, nameOrUuid);
  const request = handbackOf(found, wish);
  return traced(state, { ...found, startedAt }, options, (traced) =>
    handBack(traced, { state, emulators }, request, options.beforeStep),
  );
}

function handbackOf(
  { domain, instance }: { domain: Domain; instance: StartedInstance },
  wish: HandbackWish = {},
) {
  const uri = wish.uri ?? domain.libvirt?.uri ?? 'qemu:///system';
  const xml = wish.xml ?? domain.libvirt?.xml;
  if (xml === undefined) {
    throw new SidestepError(
      'NOT_LIBVIRTS',
      `Domain "${domain.name}" did not come from a libvirt, so nothing is known of how libvirt would run it.`,
      { outcome: 'refused', hint: 'Give its XML with --xml: with the very devices that it has.' },
    );
  }
  const { uuid } = readDomainXml(xml);
  if (uuid !== domain.uuid) {
    throw new SidestepError(
      'ANOTHER_DOMAIN',
      `The XML is of another domain: its UUID is ${uuid}, and that of "${domain.name}" is ${domain.uuid}.`,
      { outcome: 'refused' },
    );
  }
  return { domain, sourceInstance: instance, uri, xml: continuedOn(xml, instance.emulator) };
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
