import { SidestepError } from '../../engine/errors';
import { confirm, isInteractive } from '../ask';
import { defineCommand } from '../command';
import { printable } from '../../engine/text/printable';
import { connectOptions, namedDomain, namedDomainHelp } from './named-domain';

export const destroy = defineCommand({
  name: 'destroy',
  summary: "End a domain's process at once, without asking its guest",
  operands: ['DOMAIN'],
  options: { yes: { help: 'do not ask first, as on a terminal' }, ...connectOptions },
  help: `${namedDomainHelp}
What the guest had not written to its disks is lost. On a terminal it is asked first; a script is not.
A persistent domain of libvirt's stays defined.`,
  async run({ values, operands: [nameOrUuid = ''] }, context) {
    const engine = await context.engine();
    const domain = await engine.identify(namedDomain(nameOrUuid, values));
    const { name: asked, connection } = domain;
    const whose = connection === undefined ? '' : ` of ${connection}`;
    const question = `Destroy domain "${printable(asked)}"${whose} (${domain.uuid})?`;
    if (!values.yes && isInteractive() && !(await confirm(question))) {
      throw new SidestepError('DECLINED', 'Nothing was done.', { outcome: 'refused' });
    }
    // What was asked about is what is ended.
    const { name, uuid } = await engine.destroy(domain.unambiguous);
    return {
      document: { domain: name, uuid, ended: 'destroyed' },
      text: `Domain "${printable(name)}" is destroyed.`,
    };
  },
});
