/** What the instance listens on, libvirt's QEMU is to listen on: a port has one listener at a time. */
import { makePlan } from '../plan/make-plan';
import type { TakeBack } from '../plan/plan';
import { giveUp, takeOver } from '../migration/take-over';
import { messageOf } from '../migration/failures';
import type { Step } from '../migration/step-runner';
import type { Handback } from './handback';

export const giveUpAddresses: Step<Handback> = {
  name: 'give-up-addresses',
  async take(h) {
    const { host, sourceMonitor, domain, sourceInstance, state } = h;
    const folder = state.qemuFolder(sourceInstance.id, domain);
    for (const [index, address] of h.addresses.entries()) {
      const aside = `${folder}/aside-${index}.sock`;
      h.givenUp.push(address);
      await giveUp(host, sourceMonitor.client, address, aside);
    }
  },
  async undo(h) {
    const { host, trace } = h;
    const client = h.source?.client;
    if (client?.isOpen !== true) return;
    for (let one = h.givenUp.pop(); one !== undefined; one = h.givenUp.pop()) {
      const { what, to: address } = one;
      const error = await takeOver(host, client, one, h.resumed).then(() => undefined, messageOf);
      trace.add({ type: 'take-back', what, address, ...(error !== undefined && { error }) });
    }
  },
};

/** As a migration would have to take them back; those it could not are nobody's to give up. */
export async function addressesOf(h: Handback): Promise<TakeBack[]> {
  const { emulator, id } = h.sourceInstance;
  const directory = h.state.qemuFolder(id, h.domain);
  const [described] = await h.emulators.describe([emulator], h.signal);
  const { takeBacks } = makePlan({
    definition: h.domain.definition,
    source: { emulator: described, evidence: undefined },
    target: { emulator: described, directory },
    mode: 'precopy',
  });
  return [...takeBacks];
}
