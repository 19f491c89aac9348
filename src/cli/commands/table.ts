/** All commands, in the order in which `help` lists them. Each is loaded when it is asked for. */
import type { Command } from '../command';

export type CommandTable = ReadonlyMap<string, () => Promise<Command>>;

export const commands: CommandTable = new Map([
  ['start', () => import('./start').then(({ start }) => start)],
  ['adopt', () => import('./adopt').then(({ adopt }) => adopt)],
  ['list', () => import('./list').then(({ list }) => list)],
  ['paths', () => import('./paths').then(({ paths }) => paths)],
  ['plan', () => import('./plan').then(({ plan }) => plan)],
  ['migrate', () => import('./migrate').then(({ migrate }) => migrate)],
  ['cancel', () => import('./cancel').then(({ cancel }) => cancel)],
  ['handback', () => import('./handback').then(({ handback }) => handback)],
  ['pause', () => import('./pause').then(({ pause }) => pause)],
  ['resume', () => import('./resume').then(({ resume }) => resume)],
  ['stop', () => import('./stop').then(({ stop }) => stop)],
  ['destroy', () => import('./destroy').then(({ destroy }) => destroy)],
  ['recover', () => import('./recover').then(({ recover }) => recover)],
  ['trace', () => import('./trace').then(({ trace }) => trace)],
  ['bundle', () => import('./bundle').then(({ bundle }) => bundle)],
  ['log', () => import('./log').then(({ log }) => log)],
  ['listen', () => import('./listen').then(({ listen }) => listen)],
  ['emulators', () => import('./emulators').then(({ emulators }) => emulators)],
  ['help', () => import('./help').then(({ help }) => help)],
]);
