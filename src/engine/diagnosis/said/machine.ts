/** QEMU on the machine and its CPU. */
import type { Recogniser } from '../diagnosis';
import { said } from './said';

export const machineWords: readonly Recogniser[] = [
  // hw/core/machine.c, machine_parse
  said(/unsupported machine type$/i, (_, { instance }) => ({
    code: 'MACHINE_UNKNOWN',
    message: `${instance.name} does not have the guest's machine type.`,
    hint: `Migrate to an emulator that has it: \`${instance.emulator} -machine help\` lists what this one has.`,
  })),
  // migration/savevm.c, configuration_validate_capabilities and configuration_post_load
  said(/Machine type received is '(.*)' and local is '(.*)'/, ([there, here], { instance }) => ({
    code: 'MACHINE_DIFFERS',
    message: `${instance.name} came up as a ${here ?? ''}, and the guest's machine is a ${there ?? ''}.`,
    hint: `${instance.emulator} changes -machine, or reads it from a file of its own: have it start the machine it is told.`,
  })),
  said(/unable to find CPU model '(.*)'/, ([model], { instance }) => ({
    code: 'CPU_MODEL_UNKNOWN',
    message: `${instance.name} does not have the guest's CPU model ${model ?? ''}.`,
    hint: `Migrate to an emulator that has it: \`${instance.emulator} -cpu help\` lists what this one has.`,
  })),
  said(/Property '.*-cpu\.(.*)' not found/, ([feature], { instance }) => ({
    code: 'CPU_FEATURE_MISSING',
    message: `${instance.name} does not know the guest's CPU feature ${feature ?? ''}.`,
    hint: 'Migrate to an emulator that knows it; a guest must not lose a CPU feature while it runs.',
  })),
  // target/i386/cpu.c, x86_cpu_filter_features, with `enforce`
  (evidence) => {
    if (!/doesn't support requested features/.test(evidence.instance.output)) return undefined;
    const lines = evidence.instance.output.matchAll(/support requested feature: (.*)$/gm);
    const features = [...lines].map(
      ([, feature = '']) => /\.([^.\s]+) \[/.exec(feature)?.[1] ?? feature,
    );
    return {
      code: 'CPU_FEATURE_MISSING',
      message: `${evidence.instance.name} cannot give the guest its CPU features: ${features.join(', ')}.`,
      hint: 'Migrate to an emulator that has them; a guest must not lose a CPU feature while it runs.',
    };
  },
];
