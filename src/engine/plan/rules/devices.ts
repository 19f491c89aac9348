/** `-device` and other options that give the guest a part of the host. */
import { propertiesOf } from '../../../qemu/commandline/option-properties';
import { pathsIn } from '../path-places';
import type { Finding, ResourceKind } from '../plan';
import { refusal, shared, verdict, type Rule } from '../verdict';
import { resourcesIn } from './unknown';

export const device: Rule = (option) => {
  const properties = propertiesOf(option);
  const driver = properties.get('driver') ?? '';
  const refused = refusedDrivers.find(([pattern]) => pattern.test(driver));
  if (refused !== undefined) {
    const [, code, reason] = refused;
    return verdict(option, refusal(option, { kind: 'device', code, reason }));
  }
  const known = pathsIn(option);
  const others = properties
    .entries()
    .flatMap(({ value }) => resourcesIn(value))
    .filter((name) => name.includes('/') && !known.includes(name));
  return verdict(option, {
    resources: [
      ...known.map((path) => shared(option, 'firmware', path, 'only read')),
      ...others.map((name) => shared(option, 'other', name, 'no rule knows this property')),
    ],
    warnings: [
      ...(driver === 'usb-redir' ? [redirectionEnds] : []),
      ...others.map((name) => ({
        code: 'UNKNOWN_RESOURCE',
        message: `${option.flag} ${driver} names ${name}, which no rule knows: both instances use it.`,
      })),
    ],
  });
};

/** `usbredir_get_parser` of QEMU's hw/usb/redirect.c */
const redirectionEnds: Finding = {
  code: 'USB_REDIRECTION_ENDS',
  message:
    'A USB device that a client has redirected to the guest is unplugged from it at the switchover, and can be redirected anew.',
};

const otherProcess = 'its state lives in another process';
const oneProcess = 'the device of the host serves one process only';

const refusedDrivers: readonly (readonly [RegExp, string, string])[] = [
  [/^vfio-/, 'VFIO_DEVICE', oneProcess],
  [/^vhost-user/, 'VHOST_USER', otherProcess],
  [/^vhost-/, 'VHOST_DEVICE', oneProcess],
  [/^usb-host$/, 'USB_HOST', oneProcess],
  [/^usb-mtp$/, 'HOST_FOLDER', 'the files the guest has open are not carried over'],
  [/^virtio-9p/, 'HOST_FOLDER', 'the files the guest has open are not carried over'],
  [/^tpm-/, 'TPM', 'the state of the TPM is not carried over'],
  [/^ivshmem/, 'IVSHMEM', 'memory shared with other guests is not carried over'],
  [/^scsi-(generic|block)$/, 'SCSI_PASSTHROUGH', oneProcess],
  [/^ccid-card-(passthru|emulated)$/, 'SMARTCARD', oneProcess],
  [/^u2f-(passthru|emulated)$/, 'U2F', oneProcess],
  [/^(can-host|kvaser_pci_host)/, 'CAN_HOST', 'frames would reach both instances'],
];

export const usbdevice: Rule = (option) =>
  (option.value ?? '').startsWith('host:')
    ? verdict(
        option,
        refusal(option, {
          kind: 'device',
          code: 'USB_HOST',
          reason: oneProcess,
        }),
      )
    : verdict(option);

export const tpmdev: Rule = refuseOption('TPM', 'the state of the TPM is not carried over');

/** `-fsdev`, `-virtfs` */
export const hostFolder: Rule = refuseOption(
  'HOST_FOLDER',
  'the files the guest has open are not carried over',
);

export const addFd: Rule = refuseOption(
  'FILE_DESCRIPTOR',
  'a descriptor that was given to the source cannot be opened again',
  'other',
);

/** Any option that names an open descriptor. */
export function namesDescriptor(text: string): boolean {
  return (
    /(?:^|[,{"'.])(?:fds?|vhostfds?|sockfd|fdset)["']?\s*[=:]/.test(text) ||
    /\/dev\/fdset\/|\/dev\/fd\/|\/proc\/self\/fd\//.test(text) ||
    /addr\.type=fd\b/.test(text)
  );
}

function refuseOption(code: string, reason: string, kind: ResourceKind = 'device'): Rule {
  return (option) => verdict(option, refusal(option, { kind, code, reason }));
}
