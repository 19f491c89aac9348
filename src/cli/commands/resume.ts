import { printable } from '../../engine/text/printable';
import { defineCommand } from '../command';
import { cancellable } from '../interrupt';
import { connectOptions, namedDomain, namedDomainHelp } from './named-domain';

export const resume = defineCommand({
  name: 'resume',
  summary: 'Let a paused guest go on',
  operands: ['DOMAIN'],
  options: connectOptions,
  help: `${namedDomainHelp} A guest that runs already is left so.`,
  async run({ values, operands: [nameOrUuid = ''] }, context) {
    const engine = await context.engine();
    const named = namedDomain(nameOrUuid, values);
    const { name, uuid } = await cancellable((signal) => engine.resume(named, signal));
    return {
      document: { domain: name, uuid, state: 'running' },
      text: `Domain "${printable(name)}" runs.`,
    };
  },
});
