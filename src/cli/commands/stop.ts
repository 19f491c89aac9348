import { parseSeconds } from '../arguments';
import { defineCommand } from '../command';
import { printable } from '../../engine/text/printable';

const defaultTimeoutMs = 60_000;

export const stop = defineCommand({
  name: 'stop',
  summary: 'Ask the guest to shut down, and wait until it has',
  operands: ['DOMAIN'],
  options: {
    timeout: { value: 'S', help: `give up after S seconds, by default ${defaultTimeoutMs / 1000}` },
  },
  help: 'DOMAIN is a name or a UUID. A guest that does not shut down runs on.',
  async run({ values, operands: [nameOrUuid = ''] }, context) {
    const timeoutMs =
      values.timeout === undefined ? defaultTimeoutMs : parseSeconds('timeout', values.timeout);
    const engine = await context.engine();
    const { name, uuid } = await engine.stop(nameOrUuid, timeoutMs);
    return {
      document: { domain: name, uuid, ended: 'stopped' },
      text: `Domain "${printable(name)}" has shut down.`,
    };
  },
});
