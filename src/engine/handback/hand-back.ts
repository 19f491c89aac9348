/** The five phases that make a domain libvirt's again, while its guest runs on. */
import { Virsh } from '../../libvirt/virsh';
import { endingMs, endsWithin } from '../ends-within';
import { asSidestepError, SidestepError } from '../errors';
import type { EmulatorCatalog } from '../emulators/catalog';
import { Journal } from '../migration/journal';
import { cancelledElsewhere } from '../migration/cancelled-elsewhere';
import { domainEnded } from '../migration/domain-ended';
import { isHostLost } from '../migration/failures';
import { letGo } from '../migration/let-go';
import { isLeftToQemu, leftOrCancelled } from '../migration/on-close';
import { StepRunner, type BeforeStep } from '../migration/step-runner';
import type { Traced } from '../migration/traced';
import type { Domain, StartedInstance } from '../state/records';
import type { StateFolder } from '../state/state-folder';
import { summarize, type TraceSummary } from '../trace/summary';
import { begin } from './begin';
import { confirm, leaveToLibvirt } from './confirm';
import { finish } from './finish';
import { Handback } from './handback';
import { perform } from './perform';
import { prepare } from './prepare';
import { receivingProcess } from './receiving-process';
import { reachSource, settleHandback, type HandbackSettlement } from './settler';

/** The hand-back, as its row of phases reads. */
export const phasesOfHandback = [begin, prepare, perform, finish, confirm] as const;
const untilSwitchover = [begin, prepare, perform] as const;
const afterSwitchover = [finish, confirm] as const;

export interface HandbackRequest {
  readonly domain: Domain;
  readonly sourceInstance: StartedInstance;
  /** Of libvirt's connection. */
  readonly uri: string;
  /** The domain's live XML as libvirt is to run it, secrets included. */
  readonly xml: string;
}

export interface HandbackReport {
  readonly domain: Domain;
  readonly source: StartedInstance;
  readonly uri: string;
  readonly summary: TraceSummary;
  readonly tracePath: string;
}

/** @throws SidestepError, with `details.outcome` saying where the guest is */
export async function handBack(
  { trace, tracePath, signal, onClose, records, atEnd }: Traced,
  { state, emulators }: { readonly state: StateFolder; readonly emulators: EmulatorCatalog },
  { domain, sourceInstance, uri, xml }: HandbackRequest,
  beforeStep: BeforeStep | undefined,
): Promise<HandbackReport> {
  const journal = new Journal(state.host, state.journalPath(domain.uuid), {
    uuid: domain.uuid,
    source: sourceInstance.id,
    trace: tracePath,
    onClose,
  });
  const virsh = new Virsh(state.host, uri);
  const h = new Handback({
    state,
    emulators,
    virsh,
    xml,
    trace,
    journal,
    signal,
    domain,
    sourceInstance,
  });
  atEnd(async () => {
    h.dispose();
    await letGo(h);
  });
  await runPhases(h, new StepRunner(h, { trace, journal, beforeStep }));
  trace.phase = undefined;
  return {
    ...{ domain, source: sourceInstance, uri, tracePath },
    summary: summarize(records(), trace.now()),
  };
}

async function runPhases(h: Handback, runner: StepRunner<Handback>): Promise<void> {
  try {
    await runner.run(untilSwitchover, h.signal, afterSwitchover);
    await runner.run(afterSwitchover);
  } catch (error) {
    const cause = asSidestepError(await explain(h, error));
    const failure = leftOrCancelled(cause, h.restore?.isMigrating === true);
    if (isLeftToQemu(failure)) throw failure;
    if (h.lock === undefined) throw failure.with({ outcome: failure.details.outcome ?? 'refused' });
    // A QEMU that is ending closes its monitor first.
    if (h.source?.client.isOpen !== true)
      await endsWithin(h.host, h.sourceInstance.process, endingMs);
    const settlement = await settleHandback(h);
    if (settlement !== 'moved') throw await endWithout(h, runner, failure, settlement);
    h.trace.add({
      type: 'warning',
      code: 'WENT_THROUGH',
      message: `The guest had already moved when this happened, and the hand-back was finished: ${failure.message}`,
    });
    await runner.run([confirm]);
  }
  h.journal.end();
  if ((await receivingProcess(h)) === undefined) throw endedThere(h);
}

async function explain(h: Handback, error: unknown): Promise<unknown> {
  if (h.signal.aborted) return h.signal.reason;
  if (!h.migrateSent || isHostLost(error)) return h.state.explain(error);
  return (await cancelledElsewhere(h.host, h.folder, h.sourceInstance.id)) ?? error;
}

function endedThere({ domain, virsh }: Handback): SidestepError {
  return new SidestepError(
    'TARGET_LOST',
    `Domain "${domain.name}" had moved to libvirt (${virsh.uri}), and has ended there.`,
    {
      outcome: 'lost',
      hint: 'libvirt’s log of the domain may say why.',
    },
  );
}

async function endWithout(
  h: Handback,
  runner: StepRunner<Handback>,
  failure: SidestepError,
  settlement: Exclude<HandbackSettlement, 'moved'>,
): Promise<SidestepError> {
  const { id, process } = h.sourceInstance;
  if (settlement === 'undecided') {
    return failure.withOutcome(
      'undecided',
      `Where the guest can go on safely is not certain; nothing more was done. Look at instance ${id} (pid ${process.pid}) and at libvirt's domain before you end either.`,
    );
  }
  // What it has given up it takes back through its monitor.
  if (settlement === 'stays' && h.source !== undefined) await reachSource(h).catch(() => undefined);
  await runner.undo();
  h.journal.end();
  if (settlement === 'lost') {
    await leaveToLibvirt(h);
    return (await domainEnded(failure, h)).withOutcome(
      'lost',
      `Instance ${id} (pid ${process.pid}), which had the guest, has ended. Start the domain again.`,
    );
  }
  if (h.program === undefined)
    return failure.with({ outcome: failure.details.outcome ?? 'refused' });
  return failure.withOutcome('stayed', `The guest runs on at instance ${id}.`);
}
