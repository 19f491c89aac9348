/** Denials of SELinux and AppArmor, as the audit writes them. */

export interface Denial {
  readonly module: 'SELinux' | 'AppArmor';
  /** `read`, `open` */
  readonly operation: string;
  /** What was denied to it: a path or name; undefined where the audit names none. */
  readonly object: string | undefined;
  /** The rule's words: type and class for SELinux, the profile for AppArmor. */
  readonly rule: string;
}

/** @returns undefined for a line that is none, or that is not of this process */
export function deniedIn(line: string, pid: number): Denial | undefined {
  if (valueIn(line, 'pid') !== String(pid)) return undefined;
  return seLinuxDenial(line) ?? appArmorDenial(line);
}

/** `avc:  denied  { read } for  pid=1 comm="qemu" name="x" scontext=... tcontext=... tclass=file` */
function seLinuxDenial(line: string): Denial | undefined {
  const [, operation] = /\bavc:\s+denied\s+\{ ([^}]*) \}/.exec(line) ?? [];
  // Said of, and not denied.
  if (operation === undefined || valueIn(line, 'permissive') === '1') return undefined;
  const typeOf = (key: string) => valueIn(line, key)?.split(':')[2] ?? '?';
  const contexts = `${typeOf('scontext')} on ${typeOf('tcontext')}`;
  return {
    module: 'SELinux',
    operation,
    object: valueIn(line, 'path') ?? valueIn(line, 'name') ?? valueIn(line, 'dev'),
    rule: `${contexts}, class ${valueIn(line, 'tclass') ?? '?'}`,
  };
}

/** `apparmor="DENIED" operation="open" profile="libvirt-..." name="/x" pid=1 denied_mask="r"` */
function appArmorDenial(line: string): Denial | undefined {
  if (valueIn(line, 'apparmor') !== 'DENIED') return undefined;
  const mask = valueIn(line, 'denied_mask');
  return {
    module: 'AppArmor',
    operation: `${valueIn(line, 'operation') ?? '?'}${mask === undefined ? '' : ` (${mask})`}`,
    object: valueIn(line, 'name'),
    rule: `profile ${valueIn(line, 'profile') ?? '?'}`,
  };
}

/** `key=value`, `key="value"`; what is no plain text the audit writes in hexadecimal digits. */
function valueIn(line: string, key: string): string | undefined {
  const [, quoted, plain] = new RegExp(`(?:^|\\s)${key}=(?:"([^"]*)"|([^\\s"]+))`).exec(line) ?? [];
  if (quoted !== undefined || plain === undefined) return quoted;
  const isHex = ['path', 'name', 'profile'].includes(key) && /^([\dA-F]{2})+$/.test(plain);
  return isHex ? Buffer.from(plain, 'hex').toString() : plain;
}
