/** Chardevs, and the options that make one of their own: `-serial`, `-monitor`, `-qmp` ... */
import { option as makeOption } from '../../../qemu/commandline/commandline';
import { propertiesOf, withValue } from '../../../qemu/commandline/option-properties';
import type { Properties } from '../../../qemu/commandline/properties';
import type { Context } from '../context';
import { remarks, resource, shared, verdict, type Remarks, type Rule } from '../verdict';
import {
  addressOf,
  appendReason,
  kindOf,
  listening,
  refused,
  secondConnection,
  type Backend,
  type Chardev,
} from './chardev-backend';
import { socket } from './chardev-socket';
import { chardevUse, useOfShortForm } from './chardev-use';
import { parseShortForm, shortFormId } from './short-form';
import { unknown } from './unknown';

export const chardev: Rule = (option, context) => {
  const properties = propertiesOf(option);
  const id = properties.get('id') ?? '';
  const use = chardevUse(context.definition, id);
  const plan = planChardev({ option, id, fileName: `chardev-${id}`, use, properties }, context);
  return verdict(option, { ...plan, target: [withValue(option, plan.properties)] });
};

/**
 * What changes is written as a `-chardev` with the id that QEMU gives it anyway, so that the
 * monitor finds it under the same name.
 */
export const shortForm: Rule = (option, context) => {
  const text = option.value ?? '';
  if (text === 'none' || text.startsWith('chardev:')) return verdict(option);
  const id = shortFormId(option, context.definition);
  const properties = parseShortForm(text, id);
  if (properties === undefined) return unknown(option, context);

  const use = useOfShortForm(option.name);
  const plan = planChardev({ option, id, fileName: id, use, properties }, context);
  if (plan.properties === properties) return verdict(option, plan);
  const hasMonitor = use !== 'monitor' && properties.flag('mux') === true;
  return verdict(option, {
    ...plan,
    target: [
      makeOption('chardev', plan.properties.toString()),
      withValue(option, `chardev:${id}`),
      ...(hasMonitor ? [makeOption('mon', `chardev=${id},mode=readline`)] : []),
    ],
  });
};

const backends: Readonly<Record<string, (chardev: Chardev, context: Context) => Backend>> = {
  socket,
  udp,
  file,
  stdio,
  pty,
  pipe: refused('PIPE', 'what is written to a pipe would be split between the two instances'),
  serial: refused('HOST_DEVICE', 'a serial port of the host serves one process only'),
  parallel: refused('HOST_DEVICE', 'a parallel port of the host serves one process only'),
};

const otherNames: Readonly<Record<string, string>> = { tty: 'serial', parport: 'parallel' };

function planChardev(chardev: Chardev, context: Context): Remarks & { properties: Properties } {
  const name = chardev.properties.get('backend') ?? '';
  const backend = backends[otherNames[name] ?? name]?.(chardev, context) ?? {};
  const log = appendLog(chardev, backend.properties ?? chardev.properties);
  return { ...remarks(backend, log), properties: log.properties };
}

function udp(chardev: Chardev): Backend {
  const { option, properties } = chardev;
  if (properties.has('localport')) {
    return refused('UDP_LISTENER', 'the local UDP port is bound by the source')(chardev);
  }
  const address = addressOf(properties);
  return {
    resources: [shared(option, kindOf(chardev), address, 'the target sends there as well')],
    warnings: [secondConnection(option, address)],
  };
}

function file(chardev: Chardev): Backend {
  const { option, properties } = chardev;
  const input = properties.get('input-path');
  return {
    properties: properties.with('append', true),
    resources: [
      shared(option, kindOf(chardev), properties.get('path') ?? '', appendReason),
      ...(input === undefined ? [] : [shared(option, kindOf(chardev), input, 'only read')]),
    ],
  };
}

function stdio(chardev: Chardev, context: Context): Backend {
  const { option, id, properties } = chardev;
  const path = context.names.socket(chardev.fileName);
  return {
    properties: listening(properties.with('backend', 'socket').without('signal'), path),
    resources: [
      resource(option, {
        kind: kindOf(chardev),
        action: 'unique',
        source: 'stdio',
        target: path,
        reason: 'the target has no terminal',
      }),
    ],
    warnings: [
      {
        code: 'CONSOLE_MOVES',
        message: `What '${id}' has on the source's terminal is at the unix socket ${path} from then on.`,
      },
    ],
  };
}

function pty(chardev: Chardev, context: Context): Backend {
  const { option, id, properties } = chardev;
  const to = properties.get('path');
  const from = to === undefined ? undefined : context.names.beside(to, chardev.fileName, '.pty');
  return {
    ...(from === undefined ? {} : { properties: properties.with('path', from) }),
    resources: [
      resource(option, {
        kind: kindOf(chardev),
        action: from === undefined ? 'unique' : 'take-back',
        source: to ?? 'pty',
        target: from ?? 'pty',
        reason: 'each instance opens a pseudo terminal of its own',
      }),
    ],
    takeBacks:
      from === undefined || to === undefined
        ? []
        : [{ by: 'rename', what: `${kindOf(chardev)} ${id}`, from, to }],
    warnings: [
      {
        code: 'PTY_MOVES',
        message: `'${id}' is another pseudo terminal from then on: its users have to open it anew.`,
      },
    ],
  };
}

function appendLog(
  chardev: Chardev,
  properties: Properties,
): Partial<Remarks> & { properties: Properties } {
  const path = properties.get('logfile');
  if (path === undefined) return { properties };
  return {
    properties: properties.with('logappend', true),
    resources: [shared(chardev.option, 'log', path, appendReason)],
  };
}
