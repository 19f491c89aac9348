/** What QEMU writes about itself, and files with further options. */
import type { Properties } from '../../../qemu/commandline/properties';
import { propertiesOf, withValue } from '../../../qemu/commandline/option-properties';
import type { ResourceKind } from '../plan';
import { refusal, resource, shared, verdict, type Rule } from '../verdict';

export const pidfile: Rule = ownFile('pidfile', 'qemu.pid', 'each process writes its own pid');

export const log: Rule = ownFile('log', 'qemu.log', 'QEMU empties its log when it starts');

/** `-trace enable=PATTERN,file=OUTPUT,events=LIST` */
export const trace: Rule = (option, context) => {
  const properties = propertiesOf(option);
  const events = properties.get('events');
  const file = properties.get('file');
  const own = file === undefined ? undefined : context.names.file('trace');
  return verdict(option, {
    target: [own === undefined ? option : withValue(option, properties.with('file', own))],
    resources: [
      ...(events === undefined ? [] : [shared(option, 'log', events, 'only read')]),
      ...(own === undefined
        ? []
        : [
            resource(option, {
              kind: 'log',
              action: 'unique',
              source: file,
              target: own,
              reason: 'QEMU empties its trace when it starts',
            }),
          ]),
    ],
  });
};

export const audiodev: Rule = (option, context) => {
  const properties = propertiesOf(option);
  if (properties.get('driver') !== 'wav') return verdict(option);
  // What QEMU writes when no path is given lies in its working directory.
  const source = properties.get('path') ?? 'qemu.wav';
  const own = context.names.file('audio', '.wav');
  return verdict(option, {
    target: [withValue(option, properties.with('path', own))],
    resources: [
      resource(option, {
        kind: 'log',
        action: 'unique',
        source,
        target: own,
        reason: 'QEMU empties the recording when it starts',
      }),
    ],
  });
};

export const plugin: Rule = (option) => {
  const properties = propertiesOf(option);
  const file = properties.get('file') ?? '';
  return verdict(option, {
    resources: [shared(option, 'other', file, 'the code of the plugin, only read')],
    warnings: [
      {
        code: 'PLUGIN',
        message: `${option.flag} ${file} is loaded into both instances${withArguments(properties)}.`,
      },
    ],
  });
};

export const readconfig: Rule = (option) =>
  verdict(
    option,
    refusal(option, {
      kind: 'other',
      code: 'READCONFIG',
      reason: 'what that file names on the host is not seen here: write it on the command line',
    }),
  );

function ownFile(kind: ResourceKind, name: string, reason: string): Rule {
  return (option, context) => {
    const own = context.names.file(name);
    return verdict(option, {
      target: [withValue(option, own)],
      resources: [
        resource(option, { kind, action: 'unique', source: option.value, target: own, reason }),
      ],
    });
  };
}

function withArguments(properties: Properties): string {
  const keys = properties
    .entries()
    .map(({ key }) => key)
    .filter((key) => key !== 'file');
  return keys.length === 0 ? '' : `, with the same arguments (${keys.join(', ')})`;
}
