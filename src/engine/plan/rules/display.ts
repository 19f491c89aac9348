/** `-display` and its short forms: windows, text terminals. */
import { option as makeOption, type Option } from '../../../qemu/commandline/commandline';
import { propertiesOf } from '../../../qemu/commandline/option-properties';
import { pathsIn } from '../path-places';
import type { Finding } from '../plan';
import { refusal, resource, shared, standsFor, verdict, type Rule, type Verdict } from '../verdict';
import { qemuDefaults } from './qemu-defaults';
import { vnc } from './vnc';

export const display: Rule = (option, context) => {
  const properties = propertiesOf(option);
  if (properties.has('vnc')) return vnc(option, context);
  const type = properties.get('type') ?? '';
  switch (type) {
    case 'none':
    case 'egl-headless':
      return verdict(option, {
        resources: pathsIn(option).map((path) =>
          shared(option, 'display', path, 'a GPU serves several processes'),
        ),
      });
    case 'curses':
      return textTerminal(option);
    case 'spice-app':
      return verdict(
        option,
        refusal(option, {
          kind: 'display',
          code: 'SPICE_APP',
          reason: 'the viewer that QEMU starts with it ends with the source',
        }),
      );
    default:
      return verdict(option, { warnings: [secondWindow(option)] });
  }
};

export const curses: Rule = (option) => textTerminal(option);

export const window: Rule = (option) => verdict(option, { warnings: [secondWindow(option)] });

/** What QEMU makes of `-nographic` (`qemu_create_default_devices`), written out. */
export const nographic: Rule = (option, context) => {
  const defaults = qemuDefaults(context.definition);
  const parts: Option[] = [
    makeOption('machine', 'graphics=off'),
    makeOption('display', 'none'),
    ...(defaults.parallel ? [makeOption('parallel', 'null')] : []),
    ...(defaults.serial ? [makeOption('serial', defaults.monitor ? 'mon:stdio' : 'stdio')] : []),
    ...(defaults.monitor && !defaults.serial ? [makeOption('monitor', 'stdio')] : []),
  ];
  return standsFor(option, parts.map(context.judge));
};

function textTerminal(option: Option): Verdict {
  return verdict(option, {
    target: [makeOption('display', 'none')],
    resources: [
      resource(option, {
        kind: 'display',
        action: 'unique',
        source: 'terminal',
        target: 'none',
        reason: 'the target has no terminal',
      }),
    ],
    warnings: [
      {
        code: 'TEXT_DISPLAY_ENDS',
        message: `${option.flag}: the display on the source's terminal ends with the source.`,
      },
    ],
  });
}

function secondWindow(option: Option): Finding {
  const what = [option.flag, option.value].filter((part) => part !== undefined).join(' ');
  return {
    code: 'SECOND_WINDOW',
    message: `${what}: the target opens a window of its own, the source's closes.`,
  };
}
