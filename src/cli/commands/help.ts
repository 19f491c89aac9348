import { defineCommand, describeOptions, globalOptions } from '../command';
import { loadCommand, usage } from '../run';
import { commands } from './table';

export const help = defineCommand({
  name: 'help',
  summary: 'Say how the command, or one of its commands, is used',
  operands: ['[COMMAND]'],
  options: {},
  async run({ operands: [name] }) {
    const text = name === undefined ? await overview() : (await loadCommand(name)).help;
    return { document: { help: text }, text };
  },
});

async function overview(): Promise<string> {
  const loaded = await Promise.all(
    [...commands].map(async ([name, load]) => [name, (await load()).summary] as const),
  );
  const width = Math.max(...loaded.map(([name]) => name.length));
  return [
    `Usage: ${usage}`,
    'Moves a running VM onto another QEMU on the same host, and shows how it happens.',
    `Commands\n${loaded.map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}`,
    `Options\n${describeOptions({ ...globalOptions, version: { help: 'say which version this is' } })}`,
    'Exit status: 0 done; 1 failed, and the VM runs on at the source; 2 not a command;\n3 refused, nothing was started; 4 a state that needs recovery.\n\n`sidestep help COMMAND` says more of each.',
  ].join('\n\n');
}
