import { printable } from '../../engine/text/printable';
import { defineCommand } from '../command';
import { cancellable } from '../interrupt';

export const resume = defineCommand({
  name: 'resume',
  summary: 'Let a paused guest go on',
  operands: ['DOMAIN'],
  options: {},
  help: `DOMAIN is a name or a UUID. A guest that runs already is left so.`,
  async run({ operands: [nameOrUuid = ''] }, context) {
    const engine = await context.engine();
    const { name, uuid } = await cancellable((signal) => engine.resume(nameOrUuid, signal));
    return {
      document: { domain: name, uuid, state: 'running' },
      text: `Domain "${printable(name)}" runs.`,
    };
  },
});
