/** What a domain goes by: its name and UUID, unique on a host. */
import { randomUUID } from 'node:crypto';
import { CommandLine, option } from '../../qemu/commandline/commandline';
import { escapeValue } from '../../qemu/commandline/properties';
import { SidestepError } from '../errors';

/** The definition with the domain's name and UUID in it, unless it has its own. */
export function withIdentity(
  definition: readonly string[],
  name: string,
): { readonly definition: readonly string[]; readonly uuid: string } {
  checkName(name);
  const { options } = CommandLine.parse(definition);
  const own = options.findLast((each) => each.name === 'uuid')?.value;
  const uuid = own?.toLowerCase() ?? randomUUID();
  return {
    uuid,
    definition: CommandLine.of([
      ...(options.some((each) => each.name === 'name')
        ? []
        : [option('name', `guest=${escapeValue(name)}`)]),
      ...(own === undefined ? [option('uuid', uuid)] : []),
      ...options,
    ]).toArguments(),
  };
}

/** @throws SidestepError `BAD_NAME` */
export function checkName(name: string): void {
  // Any text will do as a name; only these can be neither shown on a line nor given to a program.
  // eslint-disable-next-line no-control-regex
  if (name !== '' && !/[\u0000-\u001f\u007f]/.test(name)) return;
  throw new SidestepError('BAD_NAME', 'A domain needs a name without control characters.');
}
