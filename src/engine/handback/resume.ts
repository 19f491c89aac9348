/** A hand-back that another client has begun: rebuilt from its journal, and brought to its end. */
import { Virsh } from '../../libvirt/virsh';
import { untouchedSettings } from '../migration/channel';
import type { HandbackEntry } from '../migration/journal';
import { StepRunner } from '../migration/step-runner';
import { awaitEnd } from '../recovery/await-end';
import type { Recovery } from '../recovery/recover';
import { isAnnounced, undecided, type Resumed } from '../recovery/resumed';
import { begin } from './begin';
import { confirm, leaveToLibvirt } from './confirm';
import { findProgram } from './end-attempt';
import { Handback } from './handback';
import { perform } from './perform';
import { prepare } from './prepare';
import { receivingProcess } from './receiving-process';
import { reachSource, settleHandback } from './settler';

const untilSwitchover = [begin, prepare, perform] as const;

/** @throws SidestepError `RECOVERY_UNDECIDED` */
export async function finishHandback(
  resumed: Resumed,
  entry: HandbackEntry,
): Promise<Pick<Recovery, 'outcome' | 'takenBack' | 'isLibvirts'>> {
  const { journal, domain, signal } = resumed;
  const h = await resume(resumed, entry);
  const runner = new StepRunner(h, { trace: h.trace, journal, beforeStep: undefined });
  runner.takeOver(untilSwitchover);
  try {
    if (h.migrateSent) await awaitEnd(() => reachSource(h), signal);
    const settlement = await settleHandback(h);
    if (settlement === 'undecided') {
      throw undecided(
        domain,
        `Look at instance ${h.sourceInstance.id} and at libvirt's domain before you end either; \`sidestep destroy\` ends the instance, \`virsh destroy\` libvirt's.`,
      );
    }
    if (settlement === 'moved') await runner.run([confirm]);
    else {
      // What it has given up it takes back through its monitor.
      if (settlement === 'stays') await reachSource(h);
      await runner.undo();
      if (settlement === 'lost') await leaveToLibvirt(h);
    }
    journal.end();
    return {
      outcome: settlement === 'stays' ? 'stayed' : settlement,
      takenBack: [],
      isLibvirts: settlement === 'moved',
    };
  } finally {
    h.dispose();
  }
}

/** The hand-back as its client knew it, as far as the journal and the host tell. */
async function resume(
  { state, emulators, trace, journal, entries, signal }: Resumed,
  { uri, source, target, addresses }: HandbackEntry,
): Promise<Handback> {
  const { domain, instance: sourceInstance } = source;
  const h = new Handback({
    ...{ state, emulators, trace, journal, signal, domain, sourceInstance },
    virsh: new Virsh(state.host, uri),
    xml: domain.libvirt?.xml ?? '',
  });
  h.resumed = true;
  h.runState = source.runState;
  h.targetId = target;
  h.program = await findProgram(h);
  // Its client may have died while it held libvirt's QEMU still.
  const held = await receivingProcess(h);
  if (held !== undefined) await state.host.signal(held, 'SIGCONT');
  h.migrateSent = isAnnounced(entries, 'migrate');
  if (isAnnounced(entries, 'give-up-addresses')) h.givenUp.push(...addresses);
  if (isAnnounced(entries, 'configure-source')) {
    h.sourceSettings = untouchedSettings('precopy', sourceInstance);
  }
  return h;
}
