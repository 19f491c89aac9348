import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../scripts/setup/cache.mjs';
import { CommandLine } from '../../src/qemu/commandline/commandline';
import { CommandLineError } from '../../src/qemu/commandline/errors';
import { parseLaunchScript, quoteArguments } from '../../src/qemu/commandline/launch-script';
import { propertiesOf } from '../../src/qemu/commandline/option-properties';
import { Properties } from '../../src/qemu/commandline/properties';
import { parseSize } from '../../src/qemu/commandline/size';
import { failingOnlyAs, fuzz } from './fuzz';
import { hostile, hostileJson } from './inputs';

const folder = join(repository, 'test/data/plans');
const scripts = readdirSync(folder)
  .filter((name) => name.endsWith('.sh'))
  .map((name) => readFileSync(join(folder, name), 'utf8'));
const values = [
  'file=/a,,b.img,if=none,id=d0,format=raw',
  '{"driver": "file", "filename": "/a", "node-name": \'n\', "discard": ["a", 1]}',
  '{"qom-type":"memory-backend-file","id":"m","size":1073741824,"mem-path":"/m","share":true}',
];

/** All that the plan asks of a value, and its changes. */
function use(properties: Properties): void {
  for (const { key } of properties.entries().slice(0, 20)) properties.get(key);
  failingOnlyAs([CommandLineError], () =>
    properties.with('id', 'a"b,c\0').without('file').toString(),
  );
}

describe('command lines, fuzzed', () => {
  fuzz('a launch script', hostile(...scripts), (text) => {
    const command = failingOnlyAs([CommandLineError], () => parseLaunchScript(text));
    if (command === undefined) return;
    quoteArguments(command.arguments);
    failingOnlyAs([CommandLineError], () =>
      CommandLine.parse(command.arguments).options.map(propertiesOf),
    );
  });

  fuzz('the value of an option', hostile(...values), (value) => {
    const properties = failingOnlyAs([CommandLineError], () => Properties.parse(value, 'driver'));
    if (properties !== undefined) use(properties);
    parseSize(value);
  });

  fuzz('the value of an option that is JSON', hostileJson, (json) => {
    const properties = failingOnlyAs([CommandLineError], () => Properties.parse(`{"a": ${json}}`));
    if (properties !== undefined) use(properties);
  });

  const args = values.flatMap((value) => ['-drive', value]);
  fuzz('arguments as the kernel has them', hostile(args.join('\0')), (text) => {
    failingOnlyAs([CommandLineError], () =>
      CommandLine.parse(text.split('\0')).options.map(propertiesOf),
    );
  });
});
