import { printable } from '../../engine/text/printable';
import { defineCommand } from '../command';
import { cancellable } from '../interrupt';

export const cancel = defineCommand({
  name: 'cancel',
  summary: 'Cancel a migration that another command or window has under way',
  operands: ['DOMAIN'],
  options: {},
  help: `DOMAIN is a name or a UUID. The guest runs on where it is, and what was begun is undone, by the client
whose migration it is, or by this command if that is gone. Once the guest has moved it is not moved back:
the migration is finished instead, and the status is 1.`,
  async run({ operands: [nameOrUuid = ''] }, context) {
    const engine = await context.engine({ recovers: false });
    const { name, uuid } = await cancellable((signal) =>
      engine.cancelMigration(nameOrUuid, signal),
    );
    return {
      document: { domain: name, uuid, outcome: 'stayed' },
      text: `The migration of domain "${printable(name)}" is cancelled: the guest is where it was.`,
    };
  },
});
