import { writeFile } from 'node:fs/promises';
import { version } from '../../../package.json';
import { bundleName } from '../../engine/bundle/bundle';
import { makeBundle } from '../../engine/bundle/read';
import { SidestepError } from '../../engine/errors';
import { printable } from '../../engine/text/printable';
import { defineCommand } from '../command';

export const bundle = defineCommand({
  name: 'bundle',
  summary: 'Pack the trace of a migration, with all a bug report needs, into one file',
  operands: ['FILE'],
  options: {
    output: { value: 'PATH', help: 'where to write it; by default beside you, named as the trace' },
  },
  help: `A gzipped tar archive with the trace, what both QEMUs printed and logged, a summary, and what
the host says of itself. It holds no secrets of the command lines and of QMP; look through it
all the same before you give it away.`,
  async run({ values, operands: [file = ''] }, context) {
    const host = await context.host();
    const path = context.path(file);
    const data = await makeBundle(host, path, version);
    const target = context.ownPath(values.output ?? bundleName(path));
    await writeFile(target, data, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SidestepError('BUNDLE_NOT_WRITTEN', `${target} cannot be written: ${reason}.`, {
        path: target,
        hint: 'Name another file with --output.',
        cause: error,
      });
    });
    return { document: { bundle: target, bytes: data.length }, text: printable(target) };
  },
});
