import { SidestepError } from '../../engine/errors';
import { confirm, isInteractive } from '../ask';
import { defineCommand } from '../command';
import { printable } from '../../engine/text/printable';

export const destroy = defineCommand({
  name: 'destroy',
  summary: "End a domain's process at once, without asking its guest",
  operands: ['DOMAIN'],
  options: { yes: { help: 'do not ask first, as on a terminal' } },
  help: `DOMAIN is a name or a UUID. What the guest had not written to its disks is lost. On a terminal
it is asked first; a script is not.`,
  async run({ values, operands: [nameOrUuid = ''] }, context) {
    const engine = await context.engine();
    const domain = await engine.findDomain(nameOrUuid);
    const question = `Destroy domain "${printable(domain.name)}" (${domain.uuid})?`;
    if (!values.yes && isInteractive() && !(await confirm(question))) {
      throw new SidestepError('DECLINED', 'Nothing was done.', { outcome: 'refused' });
    }
    // By UUID: what was asked about is what is ended.
    const { name, uuid } = await engine.destroy(domain.uuid);
    return {
      document: { domain: name, uuid, ended: 'destroyed' },
      text: `Domain "${printable(name)}" is destroyed.`,
    };
  },
});
