import { parseSeconds } from '../arguments';
import { defineCommand } from '../command';
import { cancellable } from '../interrupt';
import { printable } from '../../engine/text/printable';
import { connectOptions, namedDomain, namedDomainHelp } from './named-domain';

const defaultTimeoutMs = 60_000;

export const stop = defineCommand({
  name: 'stop',
  summary: 'Ask the guest to shut down, and wait until it has',
  operands: ['DOMAIN'],
  options: {
    ...connectOptions,
    timeout: { value: 'S', help: `give up after S seconds, by default ${defaultTimeoutMs / 1000}` },
  },
  help: `${namedDomainHelp}
A guest that does not shut down runs on.`,
  async run({ values, operands: [nameOrUuid = ''] }, context) {
    const timeoutMs =
      values.timeout === undefined ? defaultTimeoutMs : parseSeconds('timeout', values.timeout);
    const engine = await context.engine();
    const { name, uuid } = await cancellable((signal) =>
      engine.stop(namedDomain(nameOrUuid, values), timeoutMs, signal),
    );
    return {
      document: { domain: name, uuid, ended: 'stopped' },
      text: `Domain "${printable(name)}" has shut down.`,
    };
  },
});
