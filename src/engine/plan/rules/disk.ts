/** Disk images, by whatever option they come. */
import type { Option } from '../../../qemu/commandline/commandline';
import { propertiesOf } from '../../../qemu/commandline/option-properties';
import { Properties, type Property } from '../../../qemu/commandline/properties';
import { hasProtocol } from '../path-places';
import type { ResourceKind } from '../plan';
import { refusal, remarks, shared, verdict, type Remarks, type Rule } from '../verdict';

/** `-hda IMAGE` and its like; `-pflash IMAGE`. */
export function image(kind: ResourceKind): Rule {
  return (option) => verdict(option, fileName(option, kind, option.value ?? ''));
}

export const drive: Rule = (option) => {
  const properties = propertiesOf(option);
  const kind = properties.get('if') === 'pflash' ? 'firmware' : 'disk';
  return verdict(
    option,
    remarks(
      ...(properties.flag('snapshot') === true ? [temporary(option)] : []),
      nodes(option, kind, properties, /(^|\.)(filename|file)$/),
    ),
  );
};

export const blockdev: Rule = (option) =>
  verdict(option, nodes(option, 'disk', propertiesOf(option), /(^|\.)filename$/));

/** `-snapshot` */
export const snapshot: Rule = (option) => verdict(option, remarks(temporary(option)));

function temporary(option: Option): Partial<Remarks> {
  return refusal(option, {
    kind: 'disk',
    code: 'TEMPORARY_OVERLAY',
    reason: 'what the guest has written lies in an overlay that ends with the source',
  });
}

const handedOver = 'image locks are handed over at the switchover';

/** A block node and those below it, as key=value pairs or as JSON. */
function nodes(
  option: Option,
  kind: ResourceKind,
  properties: Properties,
  fileKeys: RegExp,
): Remarks {
  const entries = properties.entries();
  const isWritableFat =
    entries.some(({ key, value }) => isDriver(key) && value === 'vvfat') &&
    entries.some(({ key, value }) => /(^|\.)rw$/.test(key) && value === 'on');
  const devices = entries.filter(({ key, value }) => isDriver(key) && hostDevices.test(value));
  const drivers = entries.filter(({ key, value }) => isDriver(key) && refusedDrivers.test(value));
  return remarks(
    ...(isWritableFat ? [writableFat(option, kind, 'vvfat')] : []),
    ...drivers.map(({ value }) => deviceOfOneProcess(option, kind, value)),
    ...entries
      .filter(({ key }) => fileKeys.test(key))
      .map(({ value }) => fileName(option, kind, value)),
    {
      resources: [...remoteAddresses(entries), ...otherPaths(entries)].map((address) =>
        shared(option, kind, address, 'the target connects there as well'),
      ),
      warnings: devices.map(() => ({
        code: 'HOST_DEVICE_DISK',
        message: `${option.flag}: a device of the host has no image locks that QEMU hands over; nothing else may write to it.`,
      })),
    },
  );
}

const hostDevices = /^host_(device|cdrom)$/;
const refusedDrivers = /^(nvme|nvme-io_uring|virtio-blk-.*)$/;

/** The name of an image as `bdrv_open` reads it. */
function fileName(option: Option, kind: ResourceKind, name: string): Remarks {
  if (name.startsWith('json:')) {
    return nodes(option, kind, Properties.parse(name.slice('json:'.length)), /(^|\.)filename$/);
  }
  if (/^fat:.*\brw:/.test(name)) return remarks(writableFat(option, kind, name));
  if (/^nvme:/.test(name)) return remarks(deviceOfOneProcess(option, kind, name));
  if (name === '') return remarks();
  const reason =
    hasProtocol(name) && !/^(file|fat):/.test(name)
      ? 'the target connects there as well'
      : handedOver;
  return remarks({ resources: [shared(option, kind, name, reason)] });
}

function writableFat(option: Option, kind: ResourceKind, source: string): Partial<Remarks> {
  return refusal(option, {
    kind,
    source,
    code: 'WRITABLE_FAT',
    reason: 'what the guest has written lies in a table that only the source has',
  });
}

function deviceOfOneProcess(option: Option, kind: ResourceKind, source: string): Partial<Remarks> {
  return refusal(option, {
    kind,
    source,
    code: 'BLOCK_PASSTHROUGH',
    reason: 'the device serves one process only',
  });
}

function isDriver(key: string): boolean {
  return /(^|\.)driver$/.test(key);
}

/** `server.host` and `server.port` of network disks. */
function remoteAddresses(entries: readonly Property[]): string[] {
  const valueOf = (key: string) => entries.findLast((entry) => entry.key === key)?.value;
  return entries
    .filter(({ key }) => /(^|\.)port$/.test(key))
    .map(({ key, value }) => `${valueOf(key.replace(/port$/, 'host')) ?? ''}:${value}`);
}

function otherPaths(entries: readonly Property[]): string[] {
  return entries.filter(({ key }) => /(^|\.)(conf|path)$/.test(key)).map(({ value }) => value);
}
