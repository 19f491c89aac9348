import { option as makeOption } from '../../../qemu/commandline/commandline';
import { Properties } from '../../../qemu/commandline/properties';
import { refusal, resource, standsFor, verdict, type Rule } from '../verdict';

/** `-gdb tcp::1234`, `-gdb unix:PATH,server=on` */
export const gdb: Rule = (option) => {
  const device = option.value ?? '';
  if (device === 'none' || device.startsWith('chardev:')) return verdict(option);
  const about = { kind: 'gdbstub', source: device } as const;
  if (!/^(tcp|unix):/.test(device)) {
    const reason = 'only a gdbstub on TCP or on a unix socket can follow the guest';
    return verdict(option, refusal(option, { ...about, code: 'GDBSTUB', reason }));
  }
  return verdict(option, {
    target: [],
    resources: [
      resource(option, {
        ...about,
        action: 'take-back',
        target: undefined,
        reason: 'opened at the target once the source is gone',
      }),
    ],
    takeBacks: [
      {
        by: 'hmp',
        what: 'gdbstub',
        to: device,
        commandLine: `gdbserver ${withoutWait(device)}`,
        success: 'Waiting for gdb connection',
      },
    ],
  });
};

/** `-s` */
export const gdbShorthand: Rule = (option, { judge }) =>
  standsFor(option, [judge(makeOption('gdb', 'tcp::1234'))]);

/** A unix listener keeps QEMU waiting for a debugger unless told not to; on TCP it never does. */
function withoutWait(device: string): string {
  return device.startsWith('unix:')
    ? Properties.parse(device, 'path').with('wait', false).toString()
    : device;
}
