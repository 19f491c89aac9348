/** The filters of the list, over it. */
import { sides } from '../../../engine/trace/record';
import { t } from '../l10n';
import type { Store } from '../store';
import { textField, toggle, type TextFieldControl, type ToggleControl } from '../toolkit/toolkit';
import { groups, origins, type Filters } from './filters';

/** Not with every letter: a long trace is searched. */
const debounceMs = 120;

export class FilterBar {
  readonly element = document.createElement('div');
  readonly #text: TextFieldControl;
  readonly #count = document.createElement('span');
  readonly #toggles: (readonly [ToggleControl, (filters: Filters) => boolean])[] = [];
  #typed: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly store: Store) {
    this.element.className = 'filter-bar';
    this.element.role = 'search';
    this.element.ariaLabel = t('Filter');
    const line = document.createElement('div');
    line.className = 'filter-text';
    this.#text = textField(line, {
      label: t('Filter by name or JSON'),
      value: store.state.filters.text,
      onInput: (text) => {
        clearTimeout(this.#typed);
        this.#typed = setTimeout(() => {
          this.#change({ text });
        }, debounceMs);
      },
    });
    this.#count.className = 'filter-count';
    this.#count.role = 'status';
    line.append(this.#count);
    this.element.append(line, this.#makeToggles());
    this.#draw(store.state.filters);
    store.subscribe((state, before) => {
      if (state.filters !== before.filters) this.#draw(state.filters);
    });
  }

  focus(): void {
    this.#text.focus();
  }

  tellCount(shown: number, all: number): void {
    const text = t('{0} of {1}', shown, all);
    if (this.#count.textContent !== text) this.#count.textContent = text;
  }

  #makeToggles(): HTMLElement {
    const words = {
      source: t('source'),
      target: t('target'),
      commands: t('commands'),
      events: t('events'),
      errors: t('errors'),
      output: t('output'),
      steps: t('steps'),
      state: t('state'),
      engine: t('engine'),
      user: t('user'),
    };
    const titles = {
      source: t('What the source QEMU says and is told'),
      target: t('What the target QEMU says and is told'),
      commands: t('QMP commands, with their replies'),
      events: t('QMP events and greetings'),
      errors: t('Whatever failed, warnings and the verdict'),
      output: t('What QEMU printed'),
      steps: t('Phases and steps of the migration, and addresses taken back'),
      state: t('Run states, processes, tables and RAM'),
      engine: t('Commands that the engine sent'),
      user: t('Commands that the user sent'),
    };
    const all = document.createElement('div');
    all.className = 'filter-toggles';
    const add = <Key extends 'sides' | 'groups' | 'origins'>(
      key: Key,
      name: string,
      choices: readonly Filters[Key][number][],
    ) => {
      const group = document.createElement('div');
      group.className = 'toggle-group';
      group.role = 'group';
      group.ariaLabel = name;
      for (const choice of choices) {
        const has = (filters: Filters) => (filters[key] as readonly string[]).includes(choice);
        const control = toggle({
          label: words[choice],
          title: titles[choice],
          pressed: true,
          onChange: (pressed) => {
            const { filters } = this.store.state;
            const shown = choices.filter((each) =>
              each === choice ? pressed : (filters[key] as readonly string[]).includes(each),
            );
            this.#change({ [key]: shown });
          },
        });
        control.element.dataset['choice'] = choice;
        this.#toggles.push([control, has]);
        group.append(control.element);
      }
      all.append(group);
    };
    add('sides', t('Sides'), sides);
    add('origins', t('Origins'), origins);
    add('groups', t('Kinds'), groups);
    return all;
  }

  #change(change: Partial<Filters>): void {
    this.store.update({ filters: { ...this.store.state.filters, ...change } });
  }

  #draw(filters: Filters): void {
    this.#text.value = filters.text;
    for (const [control, has] of this.#toggles) control.pressed = has(filters);
  }
}
