/** What package.json and package.nls.json say of the actions. */
import type { Action } from './action';

interface CommandContribution {
  readonly command: string;
  readonly category: string;
  readonly title: string;
  readonly icon?: string;
  readonly enablement?: string;
}

interface MenuContribution {
  readonly command: string;
  readonly when: string;
  readonly group?: string;
}

export function commandsOf(actions: readonly Action[]): CommandContribution[] {
  return actions.map(({ id, icon, isHarmless }) => ({
    command: id,
    category: 'Sidestep',
    title: `%${titleKey(id)}%`,
    ...(icon !== undefined && { icon: `$(${icon})` }),
    ...(!isHarmless && { enablement: 'isWorkspaceTrusted' }),
  }));
}

export function menusOf(actions: readonly Action[]): Record<string, MenuContribution[]> {
  const menus: Record<string, MenuContribution[]> = { commandPalette: [] };
  for (const { id, palette, menus: places = [] } of actions) {
    if (palette !== undefined) menus['commandPalette']?.push({ command: id, when: palette });
    for (const { menu, when, group } of places) {
      (menus[menu] ??= []).push({ command: id, when, group });
    }
  }
  return menus;
}

/** In package.nls.json, by key. */
export function titlesOf(actions: readonly Action[]): Record<string, string> {
  return Object.fromEntries(actions.map(({ id, title }) => [titleKey(id), title]));
}

function titleKey(id: string): string {
  return id.replace(/^sidestep\./, 'command.');
}
