/** What the rules for the backends of chardevs have in common. */
import type { Option } from '../../../qemu/commandline/commandline';
import type { Properties } from '../../../qemu/commandline/properties';
import type { Finding, ResourceKind } from '../plan';
import { refusal, type Remarks } from '../verdict';
import type { ChardevUse } from './chardev-use';

export interface Chardev {
  /** The option that makes it. */
  readonly option: Option;
  readonly id: string;
  /** What its socket is to be called. */
  readonly fileName: string;
  readonly use: ChardevUse;
  readonly properties: Properties;
}

export interface Backend extends Partial<Remarks> {
  /** The chardev as the target has it; as at the source if absent. */
  readonly properties?: Properties;
}

export function refused(code: string, reason: string): (chardev: Chardev) => Backend {
  return (chardev) => refusal(chardev.option, { kind: kindOf(chardev), code, reason });
}

export function kindOf({ use }: Chardev): ResourceKind & ('monitor' | 'chardev') {
  return use === 'monitor' ? 'monitor' : 'chardev';
}

export function addressOf(properties: Properties): string {
  const path = properties.get('path');
  if (path !== undefined) return path;
  const port = properties.get('port');
  if (port !== undefined) return `${properties.get('host') ?? ''}:${port}`;
  return properties.get('backend') ?? '';
}

export function secondConnection(option: Option, address: string): Finding {
  return {
    code: 'SECOND_CONNECTION',
    message: `${option.flag}: both instances are connected to ${address} during the migration, and a new connection stays.`,
  };
}

/** A listener that does not keep its QEMU waiting for somebody to connect. */
export function listening(properties: Properties, path: string): Properties {
  return properties.with('path', path).with('server', true).with('wait', false);
}

export const appendReason =
  'appended to by both in turn: the source writes only before the switchover, the target only after';
