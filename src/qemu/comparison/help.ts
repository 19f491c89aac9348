/** Option names that `-help` lists: `-hda/-hdb file` has two of them. */
export function optionsInHelp(text: string): ReadonlySet<string> {
  const lines = text.matchAll(/^(-{1,2}[\w-]+(?:\/-{1,2}[\w-]+)*)/gm);
  return new Set(
    [...lines].flatMap(([, names = '']) => names.split('/').map((name) => name.replace(/^-+/, ''))),
  );
}

/** CPU features that `-cpu help` lists, without which a property of a CPU is only one of how it is run. */
export function featuresInHelp(text: string): ReadonlySet<string> {
  const [, list = ''] = /Recognized CPUID flags:\n((?:[ \t].*\n?)*)/.exec(text) ?? [];
  return new Set(list.split(/\s+/).filter((name) => name !== ''));
}
