/** What the system says of a program that it cannot start. */
import type { Recogniser } from '../diagnosis';
import { said } from './said';

export const startWords: readonly Recogniser[] = [
  // ld.so(8)
  said(/error while loading shared libraries: (\S+): (.*)$/, ([library, reason], { instance }) => ({
    code: 'LIBRARY_MISSING',
    message: `${instance.emulator} cannot start: its library ${library ?? ''} does not load (${reason ?? ''}).`,
    hint: `Install the package the library is from: \`ldd ${instance.emulator}\` lists what is missing.`,
  })),
  said(/version `(\S+)' not found \(required by (\S+)\)/, ([version], { instance }) => ({
    code: 'LIBRARY_MISSING',
    message: `${instance.emulator} cannot start: it needs ${version ?? ''}, and the host's library is older.`,
    hint: 'It was built on a newer system: build it for this host, or bring its libraries along.',
  })),
  said(/Could not access KVM kernel module: (.*)$/, ([reason], { instance }) => ({
    code: 'KVM_UNAVAILABLE',
    message: `${instance.name} cannot use KVM: /dev/kvm: ${reason ?? ''}.`,
    hint: 'Let the user that the target runs as open /dev/kvm (mostly by the group kvm).',
  })),
];
