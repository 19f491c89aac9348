/**
 * The page's form elements. Nothing else knows which library they come from: this one is no longer
 * developed, and whatever comes after it takes its place here.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeTextField,
  type Button,
  type TextField,
} from '@vscode/webview-ui-toolkit';

declare global {
  interface HTMLElementTagNameMap {
    'vscode-button': Button;
    'vscode-text-field': TextField;
  }
}

/** Once, before the first element is made. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeTextField());
}

export interface TextFieldControl {
  value: string;
  focus(): void;
}

/** Put at the end of `parent`. */
export function textField(
  parent: HTMLElement,
  options: {
    readonly label: string;
    readonly value: string;
    /** Told each change that the user makes. */
    readonly onInput: (value: string) => void;
  },
): TextFieldControl {
  const field = document.createElement('vscode-text-field');
  field.placeholder = options.label;
  field.value = options.value;
  field.addEventListener('input', () => {
    options.onInput(field.value);
  });
  parent.append(field);
  // The toolkit calls every field `Text field` when it comes into the document.
  field.setAttribute('aria-label', options.label);
  return {
    get value() {
      return field.value;
    },
    set value(value) {
      if (field.value !== value) field.value = value;
    },
    focus() {
      field.focus();
    },
  };
}

export interface ButtonOptions {
  readonly label: string;
  /** Shown instead of the label, which stays its name. */
  readonly icon?: SVGElement;
  readonly onClick: () => void;
}

export function button({ label, icon, onClick }: ButtonOptions): HTMLElement {
  const element = document.createElement('vscode-button');
  if (icon === undefined) {
    element.setAttribute('appearance', 'secondary');
    element.textContent = label;
  } else {
    element.setAttribute('aria-label', label);
    element.setAttribute('appearance', 'icon');
    element.title = label;
    element.append(icon);
  }
  element.addEventListener('click', onClick);
  return element;
}

export interface ToggleControl {
  readonly element: HTMLElement;
  pressed: boolean;
}

/** A small button that is on or off. The toolkit has none. */
export function toggle(options: {
  readonly label: string;
  /** More about it, shown by the pointer. */
  readonly title?: string;
  readonly pressed: boolean;
  readonly onChange: (pressed: boolean) => void;
}): ToggleControl {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = 'toggle';
  element.textContent = options.label;
  if (options.title !== undefined) element.title = options.title;
  const control = {
    element,
    get pressed() {
      return element.ariaPressed === 'true';
    },
    set pressed(pressed) {
      element.ariaPressed = String(pressed);
    },
  };
  control.pressed = options.pressed;
  element.addEventListener('click', () => {
    control.pressed = !control.pressed;
    options.onChange(control.pressed);
  });
  return control;
}
