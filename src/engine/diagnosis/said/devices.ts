/** QEMU on options, devices and their properties that it does not have. */
import type { Recogniser } from '../diagnosis';
import { said } from './said';

export const deviceWords: readonly Recogniser[] = [
  // util/module.c; the package is what a distribution adds
  said(
    /module (\S+) not found, do you want to install (\S+) package\?/,
    ([module, name], evidence) => {
      // QEMU says so of every module that it would like to have.
      if (unknownType(evidence.instance.output) === undefined) return undefined;
      return {
        code: 'DEVICE_UNKNOWN',
        message: `${evidence.instance.name} lacks its module ${module ?? ''}, which a device of the guest is in.`,
        hint: `Install the package ${name ?? ''} for that emulator.`,
      };
    },
  ),
  ({ instance }) => {
    const type = unknownType(instance.output);
    return type === undefined
      ? undefined
      : {
          code: 'DEVICE_UNKNOWN',
          message: `${instance.name} does not have the guest's device ${type}.`,
          hint: `Migrate to an emulator that has it: \`${instance.emulator} -device help\` lists what this one has.`,
        };
  },
  said(/Property '([^']*)\.([^'.]*)' not found/, ([device, property], { instance }) => ({
    code: 'DEVICE_PROPERTY_UNKNOWN',
    message: `${instance.name} does not know the property ${property ?? ''} of the device ${device ?? ''}.`,
    hint: `Migrate to an emulator that knows it: \`${instance.emulator} -device ${device ?? ''},help\` lists what this one does.`,
  })),
  said(/: (-\S+): invalid option$/, ([option], { instance }) =>
    unknownOption(instance.name, option),
  ),
  said(/: (-\S+) .*: There is no option group '/, ([option], { instance }) => {
    // Debian's words.
    const [, name] = /Perhaps you want to install (\S+) package/.exec(instance.output) ?? [];
    const unknown = unknownOption(instance.name, option);
    return name === undefined
      ? unknown
      : { ...unknown, hint: `Install the package ${name} for that emulator.` };
  }),
  said(/: (-\S+) .*: '([^']*)' is not a valid char driver name$/, ([option, type], { instance }) =>
    unknownOption(instance.name, `${option ?? ''} ${type ?? ''}`),
  ),
  // What of an option it does not know: qemu-option.c, QAPI's visitors.
  said(
    /: (-\S+) .*: (?:Invalid parameter|Parameter) '([^']*)'(?: is unexpected)?$/,
    ([option, parameter], { instance }) =>
      unknownOption(instance.name, `${option ?? ''} ${parameter ?? ''}=`),
  ),
];

/** A type of device or object that QEMU does not have. */
function unknownType(output: string): string | undefined {
  const match =
    /'(.*)' is not a valid (?:device model|object type) name/.exec(output) ??
    /Parameter 'qom-type' does not accept value '(.*)'/.exec(output) ??
    /invalid object type: (.*)$/m.exec(output);
  return match?.[1];
}

function unknownOption(name: string, option = '') {
  return {
    code: 'OPTION_UNKNOWN',
    message: `${name} does not know the option ${option} of the source's command line.`,
    hint: 'Start the domain without it, or migrate to an emulator that knows it.',
  };
}
