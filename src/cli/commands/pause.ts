import { printable } from '../../engine/text/printable';
import { defineCommand } from '../command';
import { cancellable } from '../interrupt';
import { connectOptions, namedDomain, namedDomainHelp } from './named-domain';

export const pause = defineCommand({
  name: 'pause',
  summary: "Stop a guest's CPUs",
  operands: ['DOMAIN'],
  options: connectOptions,
  help: `${namedDomainHelp} A guest that is paused already is left so. One that is being migrated
is not paused.`,
  async run({ values, operands: [nameOrUuid = ''] }, context) {
    const engine = await context.engine();
    const named = namedDomain(nameOrUuid, values);
    const { name, uuid } = await cancellable((signal) => engine.pause(named, signal));
    return {
      document: { domain: name, uuid, state: 'paused' },
      text: `Domain "${printable(name)}" is paused.`,
    };
  },
});
