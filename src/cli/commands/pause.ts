import { printable } from '../../engine/text/printable';
import { defineCommand } from '../command';
import { cancellable } from '../interrupt';

export const pause = defineCommand({
  name: 'pause',
  summary: "Stop a guest's CPUs",
  operands: ['DOMAIN'],
  options: {},
  help: `DOMAIN is a name or a UUID. A guest that is paused already is left so. One that is being migrated
is not paused.`,
  async run({ operands: [nameOrUuid = ''] }, context) {
    const engine = await context.engine();
    const { name, uuid } = await cancellable((signal) => engine.pause(nameOrUuid, signal));
    return {
      document: { domain: name, uuid, state: 'paused' },
      text: `Domain "${printable(name)}" is paused.`,
    };
  },
});
